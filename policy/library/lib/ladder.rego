# METADATA
# title: Ladders
# description: Levels in order, lowest first. What stands on no ladder is on no level.
package domicile.lib.ladder

# rank is the place of a rung on a ladder, counted from 0; undefined where it is not on it.
rank(ladder, rung) := max([i | some i, r in ladder; r == rung])

# reaches says that a rung stands at least as high as another.
reaches(ladder, rung, least) if rank(ladder, rung) >= rank(ladder, least)

# scheme is the ladder of a certification scheme; undefined for an unknown one.
scheme(name) := data.domicile.tables.certifications.values.ladders[name]

# holds says that one of the certificates is of the scheme and at least of the level.
holds(certificates, name, level) if {
	some certificate in certificates
	certificate.scheme == name
	reaches(scheme(name), certificate.level, level)
}

# held lists the levels of a scheme among the certificates, for messages: "type1" or "none".
held(certificates, name) := concat(", ", levels) if {
	levels := {words(name, c.level) | some c in certificates; c.scheme == name}
	count(levels) > 0
} else := "none"

# words names a level for people: "BSI-C5 type2", or the scheme alone where it has no levels.
words(name, "") := name

words(name, level) := sprintf("%s %s", [name, level]) if level != ""
