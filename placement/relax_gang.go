package placement

import (
	"fmt"
	"slices"
)

// smallerGangs are ways to place what is left out for a gang's sake alone: the components that no site can take leave the
// gang and stay behind.
func (x *relaxing) smallerGangs(stuck []string) []candidate {
	c := candidate{}
	frees := false
	for _, constraint := range x.app.Constraints {
		gang, ok := constraint.(Gang)
		if !ok || !slices.ContainsFunc(gang.Components, func(name string) bool { return slices.Contains(stuck, name) }) {
			continue
		}
		for _, name := range gang.Components {
			if !slices.Contains(stuck, name) {
				frees = frees || slices.ContainsFunc(x.missing, func(id WorkloadID) bool { return x.c.byID[id].w.Component == name })
				continue
			}
			wish := wishText(gang)
			c.fixes = append(c.fixes, Fix{Kind: ByGang, Component: x.app.Name + "/" + name, Wish: wish,
				Message: fmt.Sprintf("go without %s, of %s", name, wish)})
			gang.Components = slices.DeleteFunc(slices.Clone(gang.Components), func(other string) bool { return other == name })
		}
	}
	if !frees {
		return nil
	}
	c.left, c.wishes = stuck, len(c.fixes)
	return []candidate{c}
}

// leaveGang takes the component out of the gang.
func (f Fix) leaveGang(q *Problem) error {
	app, err := f.ownApplication(q)
	if err != nil {
		return err
	}
	for i, constraint := range app.Constraints {
		gang, ok := constraint.(Gang)
		if !ok || wishText(gang) != f.Wish {
			continue
		}
		left := slices.DeleteFunc(slices.Clone(gang.Components), func(name string) bool { return app.Name+"/"+name == f.Component })
		if len(left) == len(gang.Components) {
			break
		}
		app.Constraints = slices.Clone(app.Constraints)
		app.Constraints[i] = Gang{Components: left}
		if len(left) == 0 {
			app.Constraints = slices.Delete(app.Constraints, i, i+1)
		}
		return nil
	}
	return fmt.Errorf("%w: %s is in no gang %q", ErrInvalid, f.Component, f.Wish)
}
