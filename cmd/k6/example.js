// A provider's deliveries at a receiver, from as many machines as it takes:
//
//   k6 run -e HOOKSTONE_SECRET=… -e HOOKSTONE_TARGET=http://127.0.0.1:3000/webhooks example.js
import http from 'k6/http';
import { check } from 'k6';
import { deliveries } from 'k6/x/hookstone';

const feed = deliveries(__ENV.HOOKSTONE_PROVIDER || 'usmewe', {
  seed: 1,
  mix: { duplicates: '5%', redeliveries: '2%', stale: '1%', forged: '2%' },
});

export const options = {
  scenarios: {
    deliveries: {
      executor: 'constant-arrival-rate', // whatever the receiver does
      rate: Number(__ENV.RATE || 200),
      duration: __ENV.DURATION || '30s',
      preAllocatedVUs: 20,
      maxVUs: 200,
    },
  },
  thresholds: {
    // Nothing delivered is no success.
    'hookstone_outcomes{class:genuine,outcome:accepted}': ['count>0'],
    'hookstone_outcomes{class:forged,outcome:accepted}': ['count==0'],
    'hookstone_outcomes{class:stale,outcome:accepted}': ['count==0'],
    hookstone_unexpected: ['rate==0'],
    'hookstone_latency{class:genuine}': ['p(99)<1000'],
    dropped_iterations: ['count==0'],
  },
};

export default function () {
  const delivery = feed.next();
  const response = http.request(delivery.method, delivery.url, delivery.body, delivery.params);
  const judgement = feed.judge(delivery, response);
  check(judgement, { 'the outcome is the right one': (j) => j.expected });
}
