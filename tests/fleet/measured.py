# SPDX-License-Identifier: Apache-2.0
"""What the simulation knows of the kubelet, of regcred and of its peers: seconds, shares and counts, each with its source.

`drift_test.py` compares what stands in regcred's sources with the values here.
"""
import dataclasses

# ---- the kubelet (Kubernetes 1.33 to 1.37, pkg/kubelet) ----

PULL_BACKOFF_FIRST = 10.0  # kubelet.go: imageBackOffPeriod, doubled after each failed pull of a pod
PULL_BACKOFF_MAX = 300.0   # kubelet.go: MaxImageBackOff
# pod_workers.go: a pod that failed is synchronised again after backOffPeriod and up to half more. Every synchronisation
# looks up credentials first, and only then whether the pull is in back-off (images/image_manager.go): the provider runs
# every 10 to 15 s, however long the back-off is.
SYNC_AGAIN_MIN = 10.0
SYNC_AGAIN_MAX = 15.0

# Measured with the kubelet's code: of 20 pods of one service account that start together, 17 run the provider, and the
# last 3 find the first one's answer.
BURST_PODS = 20
BURST_EXECUTIONS = 17

# ---- one exchange, as most registries are seen from another network (not measured) ----

EXCHANGE_SECONDS = 0.3
POD_SPACING = EXCHANGE_SECONDS / (BURST_EXECUTIONS - 0.5)  # between the pods of a burst on one node


@dataclasses.dataclass(frozen=True)
class Retries:
    """How one execution of a provider asks again."""
    attempts_max: int
    backoff_first: float
    backoff_factor: float
    backoff_max: float
    backoff_jitter: float         # this share of each pause is random
    obeys_retry_after: bool
    retries_throttled_400: bool   # AWS answers ThrottlingException with status 400
    deadline: float


# Both providers for Cloudsmith: three attempts, pauses of 1 s and 2 s, Retry-After ignored. The AWS SDK that the
# provider for ECR uses makes three attempts too.
PEER_RETRIES = Retries(attempts_max=3, backoff_first=1.0, backoff_factor=2.0, backoff_max=30.0, backoff_jitter=0.1,
                       obeys_retry_after=False, retries_throttled_400=True, deadline=60.0)

# core/common/registry_config.hpp (HttpConfig), core/common/limits.hpp (deadline).
REGCRED_RETRIES = Retries(attempts_max=4, backoff_first=0.5, backoff_factor=2.0, backoff_max=8.0, backoff_jitter=1.0,
                          obeys_retry_after=True, retries_throttled_400=False, deadline=45.0)
USEFUL_ATTEMPT = 0.2  # core/services/http/retry.cpp: with less time left there is no other attempt

# core/dispatch/cache_hint.cpp: what is taken off a credential's life before the kubelet may reuse it.
MARGIN_SECONDS_MIN = 60.0
MARGIN_SHARE = 0.1


@dataclasses.dataclass(frozen=True)
class NodeSettings:
    """What regcred keeps on a node between two executions."""
    node_cache: bool                 # cache.node: serviceAccount, with single flight
    # With the node cache, at most this share of a credential's life is taken off besides the margin: always the same for
    # a node and a service account, so that equal nodes do not renew in the same second (cache_hint.cpp).
    spread: float = 0.1
    hit_seconds_min: float = 30.0    # an entry is served while the kubelet may keep it for this long at least
    stale_seconds_min: float = 30.0  # when a refresh fails, the old entry is served up to this long before its end
    throttle_seconds_max: float = 3600.0   # a longer Retry-After is not believed
    throttle_first: float = 5.0      # without Retry-After: the first wait, doubled while throttling goes on ...
    throttle_guess_max: float = 60.0       # ... up to this
    throttle_jitter: float = 0.1     # at most this share is added to a wait, so that nodes do not return together
    throttle_wait: float = 10.0      # an execution waits itself when no more than this is left
