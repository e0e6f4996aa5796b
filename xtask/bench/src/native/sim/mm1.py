# M/M/1 in SimPy: a store, and a process that serves from it. Says its version, then for each line
# with a number of customers: the nanoseconds of processor time that each took, and the mean wait
# in milliseconds.
import random
import sys
import time

import simpy

SERVICE_MS = 100.0
LOAD = 0.8


def run(customers, seed):
    draws = random.Random(seed)
    env = simpy.Environment()
    store = simpy.Store(env)
    waited = 0.0

    def source():
        for _ in range(customers):
            yield env.timeout(draws.expovariate(LOAD / SERVICE_MS))
            yield store.put(env.now)

    def server():
        nonlocal waited
        for _ in range(customers):
            since = yield store.get()
            waited += env.now - since
            yield env.timeout(draws.expovariate(1 / SERVICE_MS))

    env.process(source())
    env.run(env.process(server()))
    return waited / customers


print(simpy.__version__, flush=True)
for seed, line in enumerate(sys.stdin):
    customers = int(line)
    start = time.process_time_ns()
    wait_ms = run(customers, seed)
    print((time.process_time_ns() - start) / customers, wait_ms, flush=True)
