package opennebula

// Restricted says whether a VM states something that no other scheduler knows: a class of data, countries, users that it must
// be near to.
func Restricted(d *Document) bool {
	for i := range d.VMs {
		for _, key := range []string{attrCountries, attrData, attrAccess, attrBound} {
			if d.VMs[i].Attributes[key] != "" {
				return true
			}
		}
	}
	return false
}
