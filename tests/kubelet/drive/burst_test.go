// SPDX-License-Identifier: Apache-2.0

package drive

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"regcred/tests/kubelet/kubeletcode"
)

// Runs `pull` for 0 to count-1 at once.
func atOnce(count int, pull func(number int)) {
	var all sync.WaitGroup
	begin := make(chan struct{})
	for number := range count {
		all.Add(1)
		go func() {
			defer all.Done()
			<-begin
			pull(number)
		}()
	}
	close(begin)
	all.Wait()
}

// 20 pods of one account start together. The kubelet joins only lookups with the same token, so it runs us up to 20
// times; every pod gets its credential all the same, and later ones find it in the cache.
func TestBurstOfTwentyPodsOfOneAccount(t *testing.T) {
	n := nodeWithCloudsmith(t)
	within(t, 20*time.Second, func() {
		atOnce(20, func(number int) {
			if n.credential(fmt.Sprint("pod-", number), "app", acmeImage).Username != "token" {
				t.Errorf("pod %d has no credential", number)
			}
		})
	})
	ran := kubeletcode.Executions("regcred")
	t.Logf("the kubelet ran regcred %d times for 20 pods at once", ran)
	n.credential("a-later-pod", "app", acmeImage)
	n.expectExecutions("regcred", ran)
}

// Lookups of one pod for one image are joined by the kubelet.
func TestBurstOfOnePodIsOneExecution(t *testing.T) {
	n := nodeWithCloudsmith(t)
	n.fault(`{"times": 1, "delay_ms": 1000}`)
	n.fixedTime = time.Now().Unix()
	atOnce(8, func(int) { n.credential("pod", "app", acmeImage) })
	n.expectExecutions("regcred", 1)
}

// Every pod gets the credential of its own account and registry, whatever runs beside it.
func TestM4_BurstOfMixedPodsMixesNoIdentities(t *testing.T) {
	n := nodeWithRegistries(t)
	kinds := []struct{ account, image, sub, password string }{
		{"app", acmeImage, "puller", ""}, {"build", acmeImage, "builder", ""}, {"app", globexImage, "reader", ""},
		{"app", internalImage, "", "internal-password"}, {"build", "nginx", "", "hub-password"},
	}
	atOnce(40, func(number int) {
		kind := kinds[number%len(kinds)]
		password := n.credential(fmt.Sprint("pod-", number), kind.account, kind.image).Password
		if kind.password == "" {
			if sub := claimsOf(t, password)["sub"]; sub != kind.sub {
				t.Errorf("%s of %s: the credential of %v", kind.image, kind.account, sub)
			}
		} else if password != kind.password {
			t.Errorf("%s: another password", kind.image)
		}
	})
}
