/// What can be said of times: medians, exact intervals over processes, ratios over rounds,
/// outliers.
///
/// The unit of observation is the process, not the sample: samples of one process share its memory
/// layout and its compiled code, so that an interval over pooled samples is far too narrow. Each
/// process gives one median; statements are made over those.
@NullMarked
package io.griffinfly.suites.stats;

import org.jspecify.annotations.NullMarked;
