/// The rewrite rules by theme; every rule stands below the equation it carries out.
///
/// The law for rules (docs/add-a-rule.md): both sides have one type; a guard reads only what the
/// match binds; no rule for commutativity or associativity alone; what a rule makes must not match
/// it again without end.
package io.griffinfly.engine.opt.rules;
