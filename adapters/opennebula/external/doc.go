// Package external serves the EXTERNAL_SCHEDULER hook of OpenNebula 6.8 to 6.10: every fifteen seconds its scheduler posts
// the virtual machines that wait, and takes the hosts that are named in the answer.
//
// The hook gives a service neither hosts nor a veto: what an answer leaves out, OpenNebula ranks itself. So this one reads
// the pools by XML-RPC, and enforces hard policies by writing each waiting machine's SCHED_REQUIREMENTS, ahead of time by
// [Service.Watch] and once more before each answer. A machine that policies keep from every host, and whose requirements came
// too late for the round that asks, is sent to a host that is too full for it, which OpenNebula finds out and leaves it
// waiting. Where there is no such host, nothing can keep OpenNebula from its own choice for that one round; this is logged
// and counted.
//
// What is decided, and how, is package opennebula's.
package external
