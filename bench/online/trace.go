package online

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// flavour is a size of virtual machine.
type flavour struct {
	cpu    int64 // milli-cores
	memory int64 // bytes
}

// arrival is one machine of a trace.
type arrival struct {
	at      int64 // seconds
	flavour int
	batch   int   // machines that one tenant asks for together have the same
	until   int64 // when it leaves; math.MaxInt64: not within the trace
}

// Names of the files of a trace; see INPUT.md beside them.
const (
	flavoursFile  = "flav_map.txt"
	intervalsFile = "v1.interval_map.txt"
	arrivalsFile  = "v1.dev.txt.gz"
	lifetimesFile = "v1.dev.c2100000.txt.gz"
)

// mostText bounds a file of a trace when it is unpacked; those at hand have below a megabyte.
const mostText = 64 << 20

// errTooLong is returned by readLines where there is more.
var errTooLong = errors.New("too long")

// readLines reads the lines of a text of at most so many bytes, unpacked where the name ends in .gz.
func readLines(name string, most int64) ([]string, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(name, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	limited := &io.LimitedReader{R: r, N: most + 1}
	in := bufio.NewScanner(limited)
	in.Buffer(nil, int(most))
	var lines []string
	for in.Scan() {
		lines = append(lines, in.Text())
	}
	if err := in.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if limited.N == 0 {
		return nil, fmt.Errorf("%s: %w: more than %d bytes", name, errTooLong, most)
	}
	return lines, nil
}

// readTrace reads the first machines of a trace in a folder. Anything unexpected is an error with file and line.
func readTrace(dir string, most int) ([]flavour, []arrival, error) {
	flavours, letters, err := readFlavours(filepath.Join(dir, flavoursFile))
	if err != nil {
		return nil, nil, err
	}
	lengths, err := readIntervals(filepath.Join(dir, intervalsFile))
	if err != nil {
		return nil, nil, err
	}
	kinds, err := readLines(filepath.Join(dir, arrivalsFile), mostText)
	if err != nil {
		return nil, nil, err
	}
	lives, err := readLines(filepath.Join(dir, lifetimesFile), mostText)
	if err != nil {
		return nil, nil, err
	}
	if len(kinds) != len(lives) {
		return nil, nil, fmt.Errorf("%s has %d lines, %s %d", arrivalsFile, len(kinds), lifetimesFile, len(lives))
	}
	t := trace{letters: letters, lengths: lengths, last: math.MinInt64}
	for n := range kinds {
		if err := t.addLine(kinds[n], lives[n]); err != nil {
			return nil, nil, fmt.Errorf("%s and %s:%d: %w", arrivalsFile, lifetimesFile, n+1, err)
		}
		if len(t.out) >= most {
			return flavours, t.out[:most], nil
		}
	}
	return flavours, t.out, nil
}

// readFlavours reads lines of "cores,GB letter".
func readFlavours(name string) (list []flavour, letters map[string]int, err error) {
	lines, err := readLines(name, mostText)
	if err != nil {
		return nil, nil, err
	}
	letters = make(map[string]int)
	for n, line := range lines {
		size, letter, _ := strings.Cut(line, " ")
		cores, gb, _ := strings.Cut(size, ",")
		c, errCores := strconv.ParseInt(cores, 10, 16)
		m, errGB := strconv.ParseFloat(gb, 64)
		_, twice := letters[letter]
		if errCores != nil || errGB != nil || c < 1 || !(m > 0 && m < 1e5) || letter == "" || twice {
			return nil, nil, fmt.Errorf("%s:%d: %q is no flavour", name, n+1, line)
		}
		letters[letter] = len(list)
		list = append(list, flavour{1000 * c, int64(m * (1 << 30))})
	}
	return list, letters, nil
}

// readIntervals reads lines of "seconds bin" and returns the shortest lifetime of each bin, at least a second.
func readIntervals(name string) ([]int64, error) {
	lines, err := readLines(name, mostText)
	if err != nil {
		return nil, err
	}
	var lengths []int64
	for n, line := range lines {
		seconds, bin, _ := strings.Cut(line, " ")
		s, errSeconds := strconv.ParseInt(seconds, 10, 32)
		b, errBin := strconv.Atoi(bin)
		if errSeconds != nil || errBin != nil || s < 0 || b < 0 || b > len(lengths) {
			return nil, fmt.Errorf("%s:%d: %q is no interval", name, n+1, line)
		}
		if b == len(lengths) {
			lengths = append(lengths, max(1, s))
		}
	}
	return lengths, nil
}

// trace collects the machines of a trace.
type trace struct {
	letters map[string]int
	lengths []int64
	last    int64
	batch   int
	out     []arrival
}

// addLine adds what arrived in one interval: flavours in one line, lifetimes in the other.
func (t *trace) addLine(kinds, lives string) error {
	at, kinds, ok := strings.Cut(kinds, " ")
	again, lives, okLives := strings.Cut(lives, " ")
	seconds, err := strconv.ParseInt(at, 10, 40)
	if !ok || !okLives || err != nil || again != at || seconds <= t.last {
		return fmt.Errorf("no later time than %d: %q and %q", t.last, at, again)
	}
	t.last = seconds
	a, b := strings.Split(strings.TrimSuffix(kinds, ","), ","), strings.Split(strings.TrimSuffix(lives, ","), ",")
	if len(a) != len(b) {
		return fmt.Errorf("%d flavours, %d lifetimes", len(a), len(b))
	}
	for k := range a {
		if (a[k] == "|") != (b[k] == "|") {
			return fmt.Errorf("entry %d: %q and %q", k+1, a[k], b[k])
		}
		if a[k] == "|" {
			t.batch++
			continue
		}
		if err := t.addOne(seconds, a[k], b[k]); err != nil {
			return fmt.Errorf("entry %d: %w", k+1, err)
		}
	}
	return nil
}

func (t *trace) addOne(at int64, letter, life string) error {
	f, ok := t.letters[letter]
	if !ok {
		return fmt.Errorf("there is no flavour %q", letter)
	}
	if life == "" || life[0] != 'U' && life[0] != 'C' {
		return fmt.Errorf("%q is no lifetime", life)
	}
	bin, err := strconv.Atoi(life[1:])
	if err != nil || bin < 0 || bin >= len(t.lengths) {
		return fmt.Errorf("%q is no lifetime", life)
	}
	until := int64(math.MaxInt64)
	if life[0] == 'U' {
		until = at + t.lengths[bin]
	}
	t.out = append(t.out, arrival{at, f, t.batch, until})
	return nil
}
