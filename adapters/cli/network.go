package cli

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/domicile-eu/domicile/internal/quantity"
	"github.com/domicile-eu/domicile/topology"
)

// networkFlags say how networks are read and written.
type networkFlags struct {
	output, format            string
	sites, runtimes, capacity string
	country, provider         string
	unit                      string
	unknownRTT                string
	quiet                     bool
	opts                      topology.NetworkOptions
}

func importFlags(e *env, f *flag.FlagSet) {
	n := &e.network
	f.StringVar(&n.output, "o", "", "write the continuum to this `file` (default: standard output)")
	f.BoolVar(&n.quiet, "quiet", false, "count the notes without printing them")
	f.StringVar(&n.opts.Name, "name", "", "`name` of the continuum (default: the network's)")
	f.StringVar(&n.sites, "sites", "", "`labels` of the nodes that become sites, separated by commas (default: all of the network)")
	f.StringVar(&n.capacity, "capacity", "", "`capacity` of every site, such as cpu=64,memory=256Gi")
	f.StringVar(&n.runtimes, "runtimes", "vm,kubernetes", "`runtimes` of every site, separated by commas")
	f.StringVar(&n.provider, "provider", "", "`ID@COUNTRY` of who operates all sites (default: each network that the file names)")
	f.StringVar(&n.country, "country", "", "`country` of nodes of which the file does not tell")
	f.StringVar(&n.opts.Coordinates, "coordinates", "", "how `coordinates` are written: degrees, minutes or plane (default: judged for SNDlib, degrees for others)")
	f.Float64Var(&n.opts.RouteFactor, "route-factor", 0, "how much longer links are than great circles (default 1.5)")
	f.StringVar(&n.unknownRTT, "unknown-rtt", "", "`round trip` of links of unknown length (default 20ms)")
	f.StringVar(&n.opts.RTTAttribute, "rtt-attribute", "", "`attribute` of edges with their round trip in ms")
	f.StringVar(&n.unit, "capacity-unit", "", "`bandwidth` of one unit of capacity in SNDlib files, such as 1Mbit/s")
	f.BoolVar(&n.opts.Crossing, "crossing", false, "take links to cross the countries along the great circle between their ends")
}

func exportFlags(e *env, f *flag.FlagSet) {
	f.StringVar(&e.network.output, "o", "", "write to this `file` (default: standard output)")
	f.StringVar(&e.network.format, "format", "", "`format`: dot, geojson or graphml (default: by the name of the file)")
}

func runImport(_ context.Context, e *env, args []string) error {
	file, err := one(args, "a file with a network")
	if err != nil {
		return err
	}
	opts, err := e.networkOptions()
	if err != nil {
		return badInput(err)
	}
	var n *topology.Network
	if err := e.in.read(file, "", func(name string, r io.Reader) error {
		n, err = topology.ReadNetwork(filepath.ToSlash(name), r, opts)
		return err
	}); err != nil {
		return badInput(err)
	}
	var text bytes.Buffer
	if err := topology.Write(&text, n.Continuum); err != nil {
		return badInput(err)
	}
	if !e.network.quiet {
		for _, note := range n.Notes {
			fmt.Fprintf(e.stderr, "note: %s\n", note)
		}
	}
	if e.network.output == "" {
		_, err := e.stdout.Write(text.Bytes())
		return err
	}
	if err := e.writeFile("continuum", text.Bytes(), e.network.output); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "%s, %s: %d nodes, %d edges; %d sites, %d other nodes, %d links, %d notes\n", n.Continuum.Name(), n.Format,
		n.Nodes, n.Edges, n.Continuum.NumSites(), n.Continuum.NumNodes()-n.Continuum.NumSites(), n.Continuum.NumLinks(), len(n.Notes))
	return nil
}

// networkOptions reads the flags of import, and reports all that is wrong with them.
func (e *env) networkOptions() (*topology.NetworkOptions, error) {
	n, opts := &e.network, e.network.opts
	var defects []error
	note := func(flag string, err error) {
		if err != nil {
			defects = append(defects, fmt.Errorf("-%s: %w", flag, err))
		}
	}
	if e.in.asOf == "" {
		note("as-of", errors.New("is missing: name the date that the continuum speaks of"))
	} else {
		var err error
		if opts.AsOf, err = e.in.now(nil); err != nil {
			defects = append(defects, err)
		}
	}
	opts.Country = topology.Jurisdiction(n.country)
	if n.sites != "" {
		opts.Sites = strings.Split(n.sites, ",")
	}
	for _, r := range strings.Split(n.runtimes, ",") {
		if r != "" {
			opts.Site.Runtimes = append(opts.Site.Runtimes, topology.Runtime(r))
		}
	}
	if n.provider != "" {
		id, country, ok := strings.Cut(n.provider, "@")
		if !ok {
			note("provider", fmt.Errorf("%q is not ID@COUNTRY", n.provider))
		}
		opts.Provider = topology.Provider{ID: topology.ProviderID(id), Country: topology.Jurisdiction(country)}
	}
	var err error
	opts.Site.Capacity, err = amounts(n.capacity)
	note("capacity", err)
	if n.unit != "" {
		opts.CapacityUnit, err = quantity.Parse(n.unit, quantity.BitsPerSecond)
		note("capacity-unit", err)
	}
	if n.unknownRTT != "" {
		micros, err := quantity.Parse(n.unknownRTT, quantity.Duration)
		opts.UnknownRTT = topology.Micros(micros)
		note("unknown-rtt", err)
	}
	return &opts, errors.Join(defects...)
}

// amounts reads cpu=64,memory=256Gi.
func amounts(text string) (topology.Resources, error) {
	if text == "" {
		return nil, nil
	}
	out := topology.Resources{}
	for _, part := range strings.Split(text, ",") {
		name, amount, ok := strings.Cut(part, "=")
		if !ok {
			return nil, fmt.Errorf("%q is not a dimension and an amount such as cpu=64", part)
		}
		unit := quantity.Count
		switch topology.Dimension(name) {
		case topology.CPU:
			unit = quantity.Cores
		case topology.Memory, topology.Disk:
			unit = quantity.Bytes
		}
		v, err := quantity.Parse(amount, unit)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if _, twice := out[topology.Dimension(name)]; twice {
			return nil, fmt.Errorf("%s stands twice", name)
		}
		out[topology.Dimension(name)] = v
	}
	return out, nil
}

func runExport(_ context.Context, e *env, args []string) error {
	if err := none(args); err != nil {
		return err
	}
	format := e.network.format
	if format == "" {
		format = strings.TrimPrefix(filepath.Ext(e.network.output), ".")
	}
	write := map[string]func(io.Writer, *topology.Continuum) error{
		"dot": topology.WriteDOT, "gv": topology.WriteDOT, "geojson": topology.WriteGeoJSON, "graphml": topology.WriteGraphML,
	}[format]
	if write == nil {
		return badInput(fmt.Errorf("-format %q is none of dot, geojson and graphml", format))
	}
	var c *topology.Continuum
	err := e.in.read(e.in.continuum, defaultContinuum, func(name string, r io.Reader) (err error) {
		c, err = topology.Read(name, r)
		return err
	})
	if err != nil {
		return badInput(err)
	}
	var text bytes.Buffer
	if err := write(&text, c); err != nil {
		return err
	}
	if e.network.output == "" {
		_, err := e.stdout.Write(text.Bytes())
		return err
	}
	return e.writeFile("network", text.Bytes(), e.network.output)
}
