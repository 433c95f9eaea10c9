package io.gpuagent.simulation;

import org.jspecify.annotations.Nullable;

/**
 * One token of a statement.
 *
 * @param key the text before the first unquoted equals sign; null if there is none
 */
record Token(@Nullable String key, String value) {}
