/// The optimizer: graphs in and out of the e-graph, what is known about every value, what a value
/// costs, and the phases.
///
/// Two phases (docs/add-a-rule.md): *raise* finds the composite operations that a graph was written
/// out from, before it is differentiated, because their gradients are better than those of their
/// parts; *lower* then merges and fuses over forward, backward and update together.
package io.griffinfly.engine.opt;
