package io.gpuagent.simulation;

import org.jspecify.annotations.Nullable;

/**
 * A token of a statement: either an attribute {@code key=value}, or a keyword or operand without a key.
 *
 * @param key the text before the first unquoted equals sign; null if there is none
 */
record Token(@Nullable String key, String value) {}
