package io.gpuagent.agent.report;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A series of samples. Answers are read series by series, so that only one is in memory.
 *
 * @param millis Unix times, ascending
 */
record Series(Map<String, String> labels, long[] millis, double[] values) {

    String name() {
        return label("__name__");
    }

    /** The label's value; empty where it is not set, as Prometheus has it. */
    String label(String name) {
        return labels.getOrDefault(name, "");
    }

    /** The series of an answer of {@code query}, {@code query_range} or {@code series}. */
    static void read(JsonParser json, Consumer<Series> consumer) throws IOException {
        expect(json.nextToken() == JsonToken.START_OBJECT, json);
        boolean success = false;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            json.nextToken();
            if (field.equals("status")) {
                success = json.getText().equals("success");
            } else if (field.equals("data")) {
                data(json, consumer);
            } else {
                json.skipChildren();
            }
        }
        expect(success && json.currentToken() == JsonToken.END_OBJECT, json);
    }

    private static void data(JsonParser json, Consumer<Series> consumer) throws IOException {
        if (json.currentToken() == JsonToken.START_ARRAY) {
            while (json.nextToken() == JsonToken.START_OBJECT) {
                consumer.accept(new Series(labels(json), new long[0], new double[0]));
            }
            return;
        }
        expect(json.currentToken() == JsonToken.START_OBJECT, json);
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            json.nextToken();
            if (!field.equals("result")) {
                json.skipChildren();
                continue;
            }
            while (json.nextToken() == JsonToken.START_OBJECT) {
                consumer.accept(element(json));
            }
        }
    }

    private static Series element(JsonParser json) throws IOException {
        Map<String, String> labels = Map.of();
        Samples samples = new Samples();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            json.nextToken();
            switch (field) {
                case "metric" -> labels = labels(json);
                case "value" -> samples.add(json);
                case "values" -> {
                    while (json.nextToken() == JsonToken.START_ARRAY) {
                        samples.add(json);
                    }
                }
                default -> json.skipChildren();
            }
        }
        return new Series(
                labels, Arrays.copyOf(samples.millis, samples.size), Arrays.copyOf(samples.values, samples.size));
    }

    private static Map<String, String> labels(JsonParser json) throws IOException {
        expect(json.currentToken() == JsonToken.START_OBJECT, json);
        Map<String, String> labels = new HashMap<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            labels.put(name, json.nextTextValue());
        }
        return labels;
    }

    private static void expect(boolean holds, JsonParser json) throws IOException {
        if (!holds) {
            throw new IOException("no answer of Prometheus' API near "
                    + json.currentLocation().offsetDescription());
        }
    }

    private static final class Samples {

        private long[] millis = new long[16];
        private double[] values = new double[16];
        private int size;

        /** Adds what {@code [1700000000.123, "1.5"]} says. */
        void add(JsonParser json) throws IOException {
            expect(json.nextToken().isNumeric(), json);
            if (size == millis.length) {
                millis = Arrays.copyOf(millis, 2 * size);
                values = Arrays.copyOf(values, 2 * size);
            }
            millis[size] = Math.round(json.getDoubleValue() * 1000);
            String value = json.nextTextValue();
            expect(value != null && json.nextToken() == JsonToken.END_ARRAY, json);
            values[size++] = number(value);
        }

        private static double number(String text) {
            return text.endsWith("Inf") ? Double.NaN : Double.parseDouble(text);
        }
    }
}
