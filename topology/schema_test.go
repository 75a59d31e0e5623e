package topology

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSchemaKnowsTheFields: what the reader knows is what the schema allows.
func TestSchemaKnowsTheFields(t *testing.T) {
	type object struct {
		Properties           map[string]json.RawMessage
		Required             []string
		AdditionalProperties *bool
	}
	var s struct {
		object
		Schema string            `json:"$schema"`
		Defs   map[string]object `json:"$defs"`
	}
	require.NoError(t, json.Unmarshal(Schema(), &s))
	assert.Equal(t, "https://json-schema.org/draft/2020-12/schema", s.Schema)
	for _, c := range []struct {
		object object
		fields []string
	}{
		{s.object, append([]string{"apiVersion", "kind"}, continuumFields...)},
		{s.Defs["provider"], providerFields},
		{s.Defs["site"], siteFields},
		{s.Defs["node"], nodeFields},
		{s.Defs["link"], linkFields},
	} {
		assert.ElementsMatch(t, c.fields, sortedKeys(c.object.Properties))
		assert.False(t, *c.object.AdditionalProperties)
		for _, field := range c.object.Required {
			assert.Contains(t, c.fields, field)
		}
	}
	schema := Schema()
	schema[0] = 'x'
	assert.Equal(t, byte('{'), Schema()[0], "it is the caller's copy")
}

// TestRequiredFields: what the schema requires, the reader misses.
func TestRequiredFields(t *testing.T) {
	_, err := Read("f", strings.NewReader("apiVersion: domicile.eu/v1alpha1\nkind: Continuum\n"+
		"providers: [{}]\nsites: [{}]\nexchanges: [{}]\nlinks: [{}]\n"))
	var s struct {
		Defs map[string]struct{ Required []string } `json:"$defs"`
	}
	require.NoError(t, json.Unmarshal(Schema(), &s))
	for kind, list := range map[string]string{"provider": "providers", "site": "sites", "node": "exchanges", "link": "links"} {
		require.NotEmpty(t, s.Defs[kind].Required)
		for _, field := range s.Defs[kind].Required {
			assert.ErrorContains(t, err, list+"[0]."+field+": is missing")
		}
	}
}

// TestCountries: the list is ISO 3166-1 as of 2026, sorted as the search needs it.
func TestCountries(t *testing.T) {
	data, err := os.ReadFile("countries.txt")
	require.NoError(t, err)
	codes := strings.Fields(string(data))
	assert.Len(t, codes, 249)
	assert.True(t, slices.IsSorted(codes))
	for _, code := range codes {
		assert.True(t, Jurisdiction(code).known(), code)
		assert.Equal(t, Jurisdiction(code), Jurisdiction(strings.ToLower(code)).meant())
		assert.Empty(t, Jurisdiction(code).meant())
	}
	for _, code := range []Jurisdiction{"", "A", "AA", "EU", "UK", "ZZ", "DEU", "D\n", "\nD", "E\nA", "XK"} {
		assert.False(t, code.known(), "%q", code)
	}
	assert.Equal(t, Jurisdiction("GR"), Jurisdiction("EL").meant())
}
