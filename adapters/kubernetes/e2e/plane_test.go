package e2e

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// version is the one that .ci/kubernetes builds and go.mod names.
const version = "v1.37.2"

// plane is a control plane: etcd and an API server.
type plane struct {
	dir, bin  string
	host      string
	etcd, api *process
	client    kubernetes.Interface
	config    *rest.Config // of somebody in system:masters
}

// Tokens of the users there are besides service accounts.
const (
	adminToken     = "e2e-admin-token"
	schedulerToken = "e2e-scheduler-token"
	tenantToken    = "e2e-tenant-token" // may write pods and namespaces, and is no editor
)

func TestMain(m *testing.M) {
	if role := os.Getenv("E2E_ACTOR"); role != "" {
		os.Exit(act(role))
	}
	flag.Parse()
	os.Exit(m.Run())
}

// binaries returns the folder of the programs, and skips or fails the test without them.
func binaries(t testing.TB) string {
	dir := os.Getenv("DOMICILE_K8S_BIN")
	if dir == "" {
		home, _ := os.UserHomeDir()
		dir = filepath.Join(home, ".cache", "domicile", "k8s-"+version, "bin")
	}
	for _, name := range []string{"etcd", "kube-apiserver", "kube-scheduler"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			word := fmt.Sprintf("%s is not in %s: run .ci/kubernetes build", name, dir)
			if os.Getenv("CI") == "true" {
				t.Fatal(word)
			}
			t.Skip(word)
		}
	}
	return dir
}

// newPlane starts a control plane of its own; it is gone when the test ends.
func newPlane(t testing.TB) *plane {
	bin := binaries(t)
	p := &plane{dir: t.TempDir(), bin: bin}
	ports := freePorts(t, 3)
	url := func(port int) string { return "http://127.0.0.1:" + strconv.Itoa(port) }
	p.host = "https://127.0.0.1:" + strconv.Itoa(ports[2])
	p.writeKeys(t)
	p.etcd = spawn(t, p.dir, "etcd", filepath.Join(bin, "etcd"), "--name=e2e", "--data-dir="+p.path("etcd"),
		"--listen-client-urls="+url(ports[0]), "--advertise-client-urls="+url(ports[0]),
		"--listen-peer-urls="+url(ports[1]), "--initial-advertise-peer-urls="+url(ports[1]), "--initial-cluster=e2e="+url(ports[1]),
		"--quota-backend-bytes=2147483648", "--log-level=warn", "--unsafe-no-fsync")
	p.api = spawn(t, p.dir, "kube-apiserver", filepath.Join(bin, "kube-apiserver"), "--etcd-servers="+url(ports[0]),
		"--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", "--secure-port="+strconv.Itoa(ports[2]),
		"--endpoint-reconciler-type=none", "--cert-dir="+p.path("certs"), "--token-auth-file="+p.path("tokens.csv"),
		"--authorization-mode=RBAC", "--service-account-issuer="+p.host, "--service-account-key-file="+p.path("sa.pub"),
		"--service-account-signing-key-file="+p.path("sa.key"), "--service-cluster-ip-range=10.96.0.0/16",
		"--disable-admission-plugins=ServiceAccount,TaintNodesByCondition")
	p.config = p.as(adminToken)
	var err error
	p.client, err = kubernetes.NewForConfig(p.config)
	if err == nil {
		p.ready(t)
	} else {
		eventually(t, time.Minute, func() error { p.client, err = kubernetes.NewForConfig(p.config); return err })
		p.ready(t)
	}
	return p
}

func (p *plane) path(name string) string { return filepath.Join(p.dir, name) }

// writeKeys makes the key of service accounts and the table of tokens.
func (p *plane) writeKeys(t testing.TB) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	require.NoError(t, err)
	private := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	tokens := adminToken + ",e2e-admin,e2e-admin,\"system:masters\"\n" +
		schedulerToken + ",system:kube-scheduler,system:kube-scheduler,\n" + tenantToken + ",tenant,tenant,\n"
	for name, b := range map[string][]byte{
		"sa.key": private, "sa.pub": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}), "tokens.csv": []byte(tokens),
	} {
		require.NoError(t, os.WriteFile(p.path(name), b, 0o600))
	}
}

// ready waits until the API server says so.
func (p *plane) ready(t testing.TB) {
	t.Helper()
	eventually(t, 2*time.Minute, func() error {
		if !p.api.alive() || !p.etcd.alive() {
			require.Fail(t, "a program ended", "%s\n%s", p.api.words(), p.etcd.words())
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		b, err := p.client.CoreV1().RESTClient().Get().AbsPath("/readyz").DoRaw(ctx)
		if err == nil && string(b) != "ok" {
			err = errors.New(string(b))
		}
		return err
	})
}

// as is the configuration of a client that shows a token.
func (p *plane) as(token string) *rest.Config {
	return &rest.Config{Host: p.host, BearerToken: token, QPS: 5000, Burst: 5000,
		TLSClientConfig: rest.TLSClientConfig{CAFile: p.path("certs/apiserver.crt")}}
}

// kubeconfig writes the same as a file.
func (p *plane) kubeconfig(t testing.TB, name, token string) string {
	c := clientcmdapi.NewConfig()
	c.Clusters["e2e"] = &clientcmdapi.Cluster{Server: p.host, CertificateAuthority: p.path("certs/apiserver.crt")}
	c.AuthInfos["e2e"] = &clientcmdapi.AuthInfo{Token: token}
	c.Contexts["e2e"] = &clientcmdapi.Context{Cluster: "e2e", AuthInfo: "e2e"}
	c.CurrentContext = "e2e"
	file := p.path(name + ".kubeconfig")
	require.NoError(t, clientcmd.WriteToFile(*c, file))
	return file
}
