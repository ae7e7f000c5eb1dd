/// From a graph to a list of kernels with their memory: pure data, with no handle of a device.
///
/// [Partition][io.griffinfly.engine.plan.Partition] cuts the graph into kernels and gives every
/// value a place: views cost nothing, chains of elementwise operations become one kernel, joins are
/// written in place. [Hazards][io.griffinfly.engine.plan.Hazards] finds which steps may run
/// together, and [MemoryPlanner][io.griffinfly.engine.plan.MemoryPlanner] lets values share memory
/// that do not live at the same time. [ExecutionPlan][io.griffinfly.engine.plan.ExecutionPlan] is
/// the result; it prints.
package io.griffinfly.engine.plan;
