package external

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// ErrAPI is wrapped by what OpenNebula's API answers instead of what was asked for.
var ErrAPI = errors.New("OpenNebula API")

// maxReply is what is read of one reply. The pool of 10,000 machines in full takes 40 MB.
const maxReply = 256 << 20

// API calls OpenNebula's XML-RPC. Its methods may be called at the same time.
type API struct {
	Endpoint string // such as http://127.0.0.1:2633/RPC2
	Session  string // user:password
	Client   *http.Client
}

// value is an XML-RPC value as far as OpenNebula uses them.
type value struct {
	Text    string  `xml:",chardata"`
	String  *string `xml:"string"`
	I4      *string `xml:"i4"`
	Int     *string `xml:"int"`
	Boolean *string `xml:"boolean"`
	Array   []value `xml:"array>data>value"`
}

type reply struct {
	XMLName xml.Name `xml:"methodResponse"`
	Values  []value  `xml:"params>param>value"`
	Fault   *struct {
		Members []struct {
			Name  string `xml:"name"`
			Value value  `xml:"value"`
		} `xml:"value>struct>member"`
	} `xml:"fault"`
}

// text is a string, with or without its element.
func (v *value) text() string {
	if v.String != nil {
		return *v.String
	}
	return v.Text
}

// call calls a method with the session before its parameters, which are strings and ints, and returns the string, or the
// number as one, that OpenNebula answers.
func (a *API) call(ctx context.Context, method string, params ...any) (string, error) {
	body, err := request(method, append([]any{a.Session}, params...))
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.Endpoint, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "text/xml")
	client := a.Client
	if client == nil {
		client = http.DefaultClient
	}
	res, err := client.Do(req)
	if err != nil {
		return "", fmt.Errorf("%s: %w", method, err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%w: %s: status %d", ErrAPI, method, res.StatusCode)
	}
	text, err := answer(res.Body)
	if err != nil {
		return "", fmt.Errorf("%s: %w", method, err)
	}
	return text, nil
}

// request writes a call.
func request(method string, params []any) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(xml.Header + "<methodCall><methodName>" + method + "</methodName><params>")
	for _, p := range params {
		b.WriteString("<param><value>")
		switch p := p.(type) {
		case string:
			b.WriteString("<string>")
			if err := xml.EscapeText(&b, []byte(p)); err != nil {
				return nil, err
			}
			b.WriteString("</string>")
		case int:
			b.WriteString("<i4>" + strconv.Itoa(p) + "</i4>")
		default:
			return nil, fmt.Errorf("%s: a parameter of type %T", method, p)
		}
		b.WriteString("</value></param>")
	}
	b.WriteString("</params></methodCall>")
	return b.Bytes(), nil
}

// answer reads a reply: an array of whether it went well, what was asked for or what went wrong, and a code.
func answer(r io.Reader) (string, error) {
	limited := &io.LimitedReader{R: r, N: maxReply + 1}
	var out reply
	if err := xml.NewDecoder(limited).Decode(&out); err != nil {
		if limited.N <= 0 {
			return "", fmt.Errorf("%w: the reply exceeds %d MiB", ErrAPI, maxReply>>20)
		}
		return "", fmt.Errorf("%w: the reply is no XML-RPC: %w", ErrAPI, err)
	}
	if out.Fault != nil {
		why := "a fault"
		for _, m := range out.Fault.Members {
			if m.Name == "faultString" {
				why = m.Value.text()
			}
		}
		return "", fmt.Errorf("%w: %s", ErrAPI, why)
	}
	if len(out.Values) != 1 || len(out.Values[0].Array) < 2 || out.Values[0].Array[0].Boolean == nil {
		return "", fmt.Errorf("%w: the reply is not an array of success, result and code", ErrAPI)
	}
	parts := out.Values[0].Array
	text := parts[1].text()
	for _, number := range []*string{parts[1].I4, parts[1].Int} {
		if number != nil {
			text = strings.TrimSpace(*number)
		}
	}
	if ok := strings.TrimSpace(*parts[0].Boolean); ok != "1" && ok != "true" {
		return "", fmt.Errorf("%w: %s", ErrAPI, text)
	}
	return text, nil
}
