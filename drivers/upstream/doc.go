// Package upstream is what the drivers of stores across a network share: time-outs, retries, a circuit breaker, bounds, and
// the classes of errors. A leaf has its [Config] as the field "upstream" of its own, and opens through [Wrap]:
//
//	aws:
//	  type: s3
//	  config:
//	    region: eu-west-1
//	    upstream: # what is absent is as here
//	      attempts: 4           # how often a call is tried in all
//	      min_delay: 50ms       # the longest wait before the second try; it doubles up to
//	      max_delay: 5s         #   the longest wait before any
//	      patience: 30s         # no try begins later than so long after the first
//	      retry_budget: 0.2     # retries for each call, on average
//	      connect_timeout: 5s   # to reach the store, and again to agree on TLS
//	      response_timeout: 60s # from the end of a request to the first byte of its answer
//	      stall_timeout: 30s    # for a body of which no byte moves
//	      max_connections: 256  # calls at the same time, and as many open bodies
//	      breaker: {failure_rate: 0.5, min_calls: 20, window: 10s, open_time: 5s}
//
// A call passes, from the outside in: the breaker, which lets nobody wait for a store that is down; a buffer, where its body
// is small; a place among max_connections, which is waited for a little and else answered with drivers.ErrSlowDown; retries
// (drivers/retry says which calls, and how broken downloads go on); the time-outs; and the leaf, whose SDK must not retry by
// itself.
//
// Small bodies, of known size up to drivers.SmallBody, arrive at the leaf as *drivers.Buffered: judged to their end, and
// good to be sent again. While buffers are scarce they stream like larger ones, which are sent once: where that fails, the
// client is told to come again.
//
// A leaf sends a body through [Body], asks HTTP through [Client] or [Transport], and classifies errors with [FromTransport]
// and [FromStatus]. Where its store shares the names of buckets with others, it has [Names] and goes through [Rename].
package upstream
