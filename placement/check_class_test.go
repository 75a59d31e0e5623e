package placement

import (
	"context"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/topology"
)

// Every field of a workload but its ID tells classes apart: policies may read all of them.
func TestClassKeySeesEveryField(t *testing.T) {
	var w Workload
	same := w
	same.ID = "other"
	require.Equal(t, classKey(&w), classKey(&same))
	eachField(t, reflect.ValueOf(&w).Elem(), "", func(path string, field reflect.Value) {
		if path == ".ID" {
			return
		}
		before := classKey(&w)
		was := reflect.New(field.Type()).Elem()
		was.Set(field)
		field.Set(otherThanZero(t, field.Type()))
		require.NotEqual(t, before, classKey(&w), path)
		field.Set(was)
	})
}

func eachField(t *testing.T, v reflect.Value, path string, visit func(string, reflect.Value)) {
	for i := range v.NumField() {
		name := path + "." + v.Type().Field(i).Name
		if v.Field(i).Kind() == reflect.Struct {
			eachField(t, v.Field(i), name, visit)
		} else {
			visit(name, v.Field(i))
		}
	}
}

func otherThanZero(t *testing.T, typ reflect.Type) reflect.Value {
	v := reflect.New(typ).Elem()
	switch typ.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	case reflect.Uint8:
		v.SetUint(1)
	case reflect.Slice:
		v.Set(reflect.Append(v, otherThanZero(t, typ.Elem())))
	case reflect.Map:
		value := reflect.ValueOf("x")
		if typ.Elem().Kind() != reflect.Interface {
			value = otherThanZero(t, typ.Elem())
		}
		v = reflect.MakeMap(typ)
		v.SetMapIndex(otherThanZero(t, typ.Key()), value)
	default:
		t.Fatalf("no value for %s", typ)
	}
	return v
}

func TestClassKeyTellsFactsApart(t *testing.T) {
	keys := make(map[string]any)
	for _, fact := range []any{
		"1", int64(1), float64(1), true, "true", []any{"1"}, []any{[]any{"1"}}, []any{"1", "2"}, []any{"1,2"},
		map[string]any{"a": "1"}, map[string]any{"a": int64(1)}, map[string]any{"a": map[string]any{}}, []any{},
	} {
		key := classKey(&Workload{Attributes: map[string]any{"x": fact}})
		require.NotContains(t, keys, key, "%#v and %#v", keys[key], fact)
		keys[key] = fact
	}
	a := classKey(&Workload{Labels: map[string]string{"a": "b", "c": "d"}})
	require.NotEqual(t, a, classKey(&Workload{Labels: map[string]string{"a": `b" "c" "d`}}))
}

// countingPolicy counts what it is asked.
type countingPolicy struct {
	hashPolicy
	calls, pairs int
}

func (c *countingPolicy) Admit(ctx context.Context, in Scope, w *Workload, sites []*topology.Site) ([]Verdict, error) {
	c.calls++
	c.pairs += len(sites)
	return c.hashPolicy.Admit(ctx, in, w, sites)
}

// Admission is asked once for all replicas of a component, about the sites that they use and no others.
func TestCheckAsksOncePerClass(t *testing.T) {
	w := newWorld(t, 3, 20, 4)
	counting := &countingPolicy{}
	w.p.Admission = counting
	_, err := Check(context.Background(), w.p, w.a)
	require.NoError(t, err)
	components, used := make(map[string]bool), make(map[string]bool)
	for _, app := range w.p.Applications {
		for _, load := range app.Workloads {
			if s, placed := w.a[load.ID]; placed {
				components[app.Name+load.Component] = true
				used[app.Name+load.Component+string(s)] = true
			}
		}
	}
	require.Equal(t, len(components), counting.calls)
	require.Equal(t, len(used), counting.pairs)
}
