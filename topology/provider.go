package topology

// ProviderID names a provider or another organisation that owns one.
type ProviderID string

// Provider is an organisation: one that operates sites, or one that owns part of another. A provider's own law is that
// of Country; who controls it follows from Owners, see [Continuum.Control].
type Provider struct {
	ID      ProviderID
	Name    string
	Country Jurisdiction // of the registered seat
	// Owners are the stakes of other organisations in this one. What is not listed is unknown or free float.
	Owners         []Stake
	Certifications []Certification
	// Sovereignty holds a level 0-4 (SEAL) per objective SOV-1..SOV-8 of the Commission's Cloud Sovereignty Framework.
	// A missing objective is unknown.
	Sovereignty map[string]int
	Attributes  map[string]any
	Assumed     []string
}

// Stake is a holding in an organisation.
type Stake struct {
	Owner ProviderID
	Share int64 // ten-thousandths of the capital or votes: 2400 = 24 %
}
