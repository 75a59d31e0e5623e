# METADATA
# title: What a class of data demands
# description: |
#   Reads the table of data classes. An undeclared class, and a key that a declared one leaves out, is held to the row
#   "unknown", which is the strictest; what that row leaves out too is "unstated", which satisfies no rule. Nobody gains
#   freedom by forgetting something.
package domicile.lib.demand

# declared says that the table knows the class.
declared(class) if data.domicile.tables["data-classes"].values.classes[class]

# want is the class's demand under a key.
want(class, key) := value if {
	value := data.domicile.tables["data-classes"].values.classes[class][key]
} else := value if {
	value := data.domicile.tables["data-classes"].values.unknown[key]
} else := "unstated"
