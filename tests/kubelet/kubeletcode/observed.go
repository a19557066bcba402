// SPDX-License-Identifier: Apache-2.0

package kubeletcode

import (
	"bytes"
	"flag"
	"sync"

	"k8s.io/component-base/metrics/legacyregistry"
	"k8s.io/klog/v2"
)

type log struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (l *log) Write(bytes []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(bytes)
}

// KeepLog turns the kubelet's log on in full (--v=10). The function that it gives tells what was logged so far.
func KeepLog() func() string {
	kept := &log{}
	flags := flag.NewFlagSet("klog", flag.PanicOnError)
	klog.InitFlags(flags)
	for name, value := range map[string]string{
		"v": "10", "logtostderr": "false", "stderrthreshold": "FATAL", "one_output": "true"} {
		if err := flags.Set(name, value); err != nil {
			panic(err)
		}
	}
	klog.SetOutput(kept)
	return func() string {
		klog.Flush()
		kept.mutex.Lock()
		defer kept.mutex.Unlock()
		return kept.text.String()
	}
}

// Executions counts how often the kubelet has run this provider, by the kubelet's own metric.
func Executions(provider string) int {
	return count("kubelet_credential_provider_plugin_duration", provider)
}

// Failures counts the runs of this provider that failed, by the kubelet's own metric.
func Failures(provider string) int {
	return count("kubelet_credential_provider_plugin_errors_total", provider) +
		count("kubelet_credential_provider_plugin_errors", provider) // the name up to 1.33
}

func count(metric, provider string) int {
	families, err := legacyregistry.DefaultGatherer.Gather()
	if err != nil {
		panic(err)
	}
	total := 0
	for _, family := range families {
		if family.GetName() != metric {
			continue
		}
		for _, one := range family.GetMetric() {
			for _, label := range one.GetLabel() {
				if label.GetName() == "plugin_name" && label.GetValue() == provider {
					total += int(one.GetCounter().GetValue()) + int(one.GetHistogram().GetSampleCount())
				}
			}
		}
	}
	return total
}
