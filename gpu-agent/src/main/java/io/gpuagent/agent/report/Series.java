package io.gpuagent.agent.report;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A series and its samples. Responses are read series by series, so that only one is in memory.
 *
 * @param millis Unix times, ascending
 */
record Series(Map<String, String> labels, long[] millis, double[] values) {

    String name() {
        return label("__name__");
    }

    /** The label's value; empty if it is unset, as in Prometheus. */
    String label(String name) {
        return labels.getOrDefault(name, "");
    }

    /**
     * Passes the series in a response of {@code query}, {@code query_range} or {@code series} to the consumer. Returns the reason why the
     * response is incomplete, empty if it is complete. Thanos reports that in {@code warnings}, VictoriaMetrics in {@code isPartial}.
     */
    static String read(JsonParser json, Consumer<Series> consumer) throws IOException {
        expect(json.nextToken() == JsonToken.START_OBJECT, json);
        boolean success = false;
        String partial = "";
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            json.nextToken();
            switch (field) {
                case "status" -> success = json.getText().equals("success");
                case "data" -> data(json, consumer);
                case "warnings" ->
                    partial = json.<JsonNode>readValueAsTree().path(0).asText(partial);
                case "isPartial" -> partial = json.getValueAsBoolean() ? "the response is partial" : partial;
                default -> json.skipChildren();
            }
        }
        expect(success && json.currentToken() == JsonToken.END_OBJECT, json);
        return partial;
    }

    private static void data(JsonParser json, Consumer<Series> consumer) throws IOException {
        if (json.currentToken() == JsonToken.START_ARRAY) {
            while (json.nextToken() == JsonToken.START_OBJECT) {
                consumer.accept(new Series(labels(json.readValueAsTree()), new long[0], new double[0]));
            }
            return;
        }
        expect(json.currentToken() == JsonToken.START_OBJECT, json);
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            boolean result = json.currentName().equals("result");
            json.nextToken();
            while (result && json.nextToken() == JsonToken.START_OBJECT) {
                consumer.accept(of(json.readValueAsTree()));
            }
            json.skipChildren();
        }
    }

    /** A series with one {@code value} or with {@code values}, such as {@code [1700000000.123, "1.5"]}. */
    private static Series of(JsonNode json) {
        JsonNode one = json.path("value");
        JsonNode samples = json.path("values");
        int size = one.isMissingNode() ? samples.size() : 1;
        long[] millis = new long[size];
        double[] values = new double[size];
        for (int i = 0; i < size; i++) {
            JsonNode sample = one.isMissingNode() ? samples.get(i) : one;
            millis[i] = Math.round(sample.path(0).asDouble() * 1000);
            String value = sample.path(1).asText();
            values[i] = value.endsWith("Inf") ? Double.NaN : Double.parseDouble(value);
        }
        return new Series(labels(json.path("metric")), millis, values);
    }

    private static Map<String, String> labels(JsonNode json) {
        Map<String, String> labels = new HashMap<>();
        json.properties()
                .forEach(label -> labels.put(label.getKey(), label.getValue().asText()));
        return labels;
    }

    private static void expect(boolean holds, JsonParser json) throws IOException {
        if (!holds) {
            throw new IOException("not a response of the Prometheus API, near "
                    + json.currentLocation().offsetDescription());
        }
    }
}
