// Package migrate is the suite that measures migration plans: instances and plans of the thesis of V. Kherbache (mVM,
// BtrPlace) read from outside, and problems made from a seed alone. Every plan is judged by migrate.Replay.
package migrate
