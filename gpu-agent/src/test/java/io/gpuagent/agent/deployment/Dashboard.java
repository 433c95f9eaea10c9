package io.gpuagent.agent.deployment;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A Grafana dashboard. */
record Dashboard(JsonNode json) {

    private static final Pattern LABEL_VALUES = Pattern.compile("label_values\\((\\w+)(?:\\{.*})?, (\\w+)\\)");

    static List<Dashboard> all() {
        try (Stream<Path> files = Files.list(DeploymentFiles.ROOT.resolve("grafana/dashboards"))) {
            return files.sorted().map(DeploymentFiles::yaml).map(Dashboard::new).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String title() {
        return json.path("title").asText();
    }

    String uid() {
        return json.path("uid").asText();
    }

    List<JsonNode> panels() {
        return json.path("panels").valueStream().toList();
    }

    List<JsonNode> variables() {
        return json.path("templating").path("list").valueStream().toList();
    }

    /** The queries by panel and letter, with every variable at its default. */
    Map<String, String> expressions() {
        Map<String, String> expressions = new LinkedHashMap<>();
        for (JsonNode panel : panels()) {
            for (JsonNode target : panel.path("targets")) {
                String query = panel.path("title").asText() + " "
                        + target.path("refId").asText();
                if (expressions.put(query, filled(target.path("expr").asText())) != null) {
                    throw new AssertionError("two panels have the title of " + query);
                }
            }
        }
        return expressions;
    }

    private String filled(String expression) {
        String filled = expression.replace("$__rate_interval", "1m");
        for (JsonNode variable : variables()) {
            String value = variable.path("type").asText().equals("textbox")
                    ? variable.path("query").asText()
                    : variable.path("allValue").asText();
            filled = filled.replaceAll("\\$" + variable.path("name").asText() + "\\b", Matcher.quoteReplacement(value));
        }
        return filled;
    }

    /** The labels whose values a user can select, each with the metric that has it. */
    Map<String, String> choices() {
        Map<String, String> choices = new LinkedHashMap<>();
        for (JsonNode variable : variables()) {
            Matcher query =
                    LABEL_VALUES.matcher(variable.path("query").path("query").asText());
            if (query.matches()) {
                choices.put(query.group(2), query.group(1));
            }
        }
        return choices;
    }
}
