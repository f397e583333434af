// Package extension is the k6 module k6/x/hookstone: it hands scripts a webhook
// provider's deliveries, and judges what became of them. k6's own HTTP client
// sends.
package extension

import (
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/v2/js/common"
	"go.k6.io/k6/v2/js/modules"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/schedule"
)

func init() { modules.Register("k6/x/hookstone", newModule()) }

func newModule() *Module {
	return &Module{sources{
		runID: strings.ToLower(rand.Text()[:8]), start: time.Now(), made: map[string]*source{}, own: map[string]*schemas.Library{},
	}}
}

// Module is the module, once for all virtual users of a process.
type Module struct{ sources sources }

// Instance is the module of one virtual user.
type Instance struct {
	module  *Module
	vu      modules.VU
	metrics *metricSet
}

var (
	_ modules.Module   = (*Module)(nil)
	_ modules.Instance = (*Instance)(nil)
)

// NewModuleInstance implements modules.Module.
func (m *Module) NewModuleInstance(vu modules.VU) modules.Instance {
	i := &Instance{module: m, vu: vu}
	var err error
	if i.metrics, err = newMetrics(vu.InitEnv().Registry); err != nil {
		i.throw(err)
	}
	return i
}

// Exports implements modules.Instance: deliveries, as a named export and as the
// default one's member.
func (i *Instance) Exports() modules.Exports {
	named := map[string]any{"deliveries": i.deliveries}
	return modules.Exports{Default: named, Named: named}
}

var errLate = errors.New("deliveries is called while the script is read, outside of its functions: k6 must know its metrics before a test begins")

// deliveries is what scripts call: deliveries(provider, options).
func (i *Instance) deliveries(provider, given sobek.Value) sobek.Value {
	env := i.vu.InitEnv()
	if env == nil {
		i.throw(errLate)
	}
	r := reader{rt: i.vu.Runtime(), env: environment(i.vu.Runtime(), env.LookupEnv), library: i.module.sources.library}
	o, err := r.read(provider, given)
	if err != nil {
		i.throw(err)
	}
	s, err := i.module.sources.get(o, "")
	if err != nil {
		i.throw(err)
	}
	s.told.Do(func() {
		env.Logger.Infof("hookstone: %s, seed %d, run %s", o.provider.Name(), o.seed, i.module.sources.run(o))
	})
	f, err := newFeed(i, o, s)
	if err != nil {
		i.throw(err)
	}
	return f.object()
}

// throw makes an error a script's exception.
func (i *Instance) throw(err error) {
	text := err.Error()
	if errors.Is(err, schedule.ErrConfig) {
		text = strings.TrimPrefix(text, schedule.ErrConfig.Error()+": ")
	}
	common.Throw(i.vu.Runtime(), errors.New("hookstone: "+text))
}
