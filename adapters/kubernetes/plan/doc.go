// Package plan turns a plan of package migrate into evictions of pods, in its order and with respect to disruption budgets.
//
// Kubernetes has no move: a pod is evicted, its controller makes another one, and the scheduler places that where the decision wants
// it by then. So a Step says where its pod is expected to go and asks for nothing there. [Make] is pure; its [Evictions] can be printed, and
// [Run] carries them out through the Eviction API, which is the last judge of every budget.
//
// What a step waits for (Step.After) is gone before it is evicted. Steps of one wave wait for none of each other, and
// a wave takes no more pods of a budget than it allowed when the plan was made, so that what is printed can be carried out wave by wave by hand
// as well, with a pause until the budget is whole again.
//
// Refused (Evictions.Refused) are pods that would not come back or cannot be evicted: without a controller, of a DaemonSet or static, selected by
// two budgets (the Eviction API refuses these), under a budget that was never computed or allows nothing, already on their way out, or not
// where the plan believes them. What waits for a refused step is refused with it.
package plan
