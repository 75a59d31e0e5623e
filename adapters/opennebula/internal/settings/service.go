package settings

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/domicile-eu/domicile/internal/document"
)

// Service are the settings of the service for OpenNebula 6.
type Service struct {
	Listen      string        // address of the hook
	Operate     string        // address of health and metrics, empty: none
	Endpoint    string        // URL of oned's XML-RPC
	Credentials string        // file of user:password; empty: OpenNebula's own, see [Service.Session]
	Answer      time.Duration // hard deadline of an answer
	Watch       time.Duration // time between two looks at what waits, and at the files
}

// longestAnswer is the most that may be set. OpenNebula waits 10 s unless TIMEOUT says otherwise.
const longestAnswer = 30 * time.Minute

func defaultService() Service {
	return Service{
		Listen: "127.0.0.1:4567", Operate: "127.0.0.1:4568", Endpoint: "http://127.0.0.1:2633/RPC2",
		Answer: 8 * time.Second, Watch: 5 * time.Second,
	}
}

func (s *Service) parse(o *document.Object) {
	o.Known("listen", "operate", "endpoint", "credentials", "answerSeconds", "watchSeconds")
	text := func(key string, to *string) {
		if o.Has(key) {
			*to = o.String(key)
		}
	}
	text("listen", &s.Listen)
	text("operate", &s.Operate)
	text("endpoint", &s.Endpoint)
	text("credentials", &s.Credentials)
	seconds(o, "answerSeconds", &s.Answer, longestAnswer)
	seconds(o, "watchSeconds", &s.Watch, longestAnswer)
	if _, _, err := net.SplitHostPort(s.Listen); err != nil {
		o.Defect("listen", "%q is no address such as 127.0.0.1:4567", s.Listen)
	}
	if _, _, err := net.SplitHostPort(s.Operate); s.Operate != "" && err != nil {
		o.Defect("operate", "%q is no address such as 127.0.0.1:4568, and not empty", s.Operate)
	}
	if why := endpoint(s.Endpoint); why != "" {
		o.Defect("endpoint", "%s", why)
	}
}

// endpoint says what is wrong with the URL of the API. The password of oneadmin goes there with every call.
func endpoint(text string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return fmt.Sprintf("%q is no URL such as http://127.0.0.1:2633/RPC2", text)
	case u.User != nil:
		return "credentials belong into their file, not into the URL"
	case u.Scheme == "http" && !Loopback(u.Hostname()):
		return "the credentials would go to another machine in the clear: https is needed, or a loopback address"
	}
	return ""
}

// Loopback says whether a host, or the host of an address, is this machine and nobody else can reach it.
func Loopback(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// mostCredentials is what a credentials file may hold.
const mostCredentials = 4 << 10

// Session reads user:password from the file of the settings, or else from where OpenNebula's own programs look: $ONE_AUTH, and
// .one/one_auth in the home folder. Others must not be able to read it. A file that nobody named and that does not exist is no
// session, and no error.
func (s *Service) Session(getenv func(string) string) (string, error) {
	name, named := s.Credentials, true
	if name == "" {
		name = getenv("ONE_AUTH")
	}
	if name == "" {
		name, named = getenv("HOME")+"/.one/one_auth", false
	}
	text, err := secret(name)
	switch {
	case !named && errors.Is(err, fs.ErrNotExist):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("%w: credentials: %w", ErrInvalid, err)
	}
	user, password, ok := strings.Cut(text, ":")
	if !ok || user == "" || password == "" || strings.ContainsAny(text, "\r\n\x00") {
		return "", fmt.Errorf("%w: credentials: %s is not one line user:password", ErrInvalid, name)
	}
	return text, nil
}

// secret reads a small file that only its owner can read. What is looked at and what is read are the same open file.
func secret(name string) (string, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe must not hold it up
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return "", err
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%s is no file", name)
	case info.Mode().Perm()&0o077 != 0:
		return "", fmt.Errorf("%s can be read or written by others (mode %04o): chmod 600", name, info.Mode().Perm())
	}
	text, err := io.ReadAll(io.LimitReader(f, mostCredentials+1))
	if err == nil && len(text) > mostCredentials {
		err = fmt.Errorf("%s is larger than %d bytes", name, mostCredentials)
	}
	return strings.TrimRight(string(text), "\r\n"), err
}
