package io.gpuagent.agent.doctor;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gpuagent.agent.cli.TerminalText;
import io.gpuagent.agent.doctor.Finding.Verdict;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** The findings as text or as JSON. */
@JsonPropertyOrder({"verdict", "findings"})
record DoctorReport(List<Finding> findings) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** The worst verdict of all findings. */
    @JsonProperty
    Verdict verdict() {
        return findings.stream()
                .map(Finding::verdict)
                .max(Comparator.naturalOrder())
                .orElse(Verdict.OK);
    }

    /** One line per finding, followed by its fix. Texts are escaped for a terminal. */
    String text() {
        int width = findings.stream()
                .mapToInt(finding -> finding.check().length())
                .max()
                .orElse(0);
        String form = "%-7s  %-" + (width + 2) + "s%s%n";
        StringBuilder text = new StringBuilder();
        for (Finding finding : findings) {
            String verdict = finding.verdict().word();
            text.append(
                    String.format(Locale.ROOT, form, verdict, finding.check(), TerminalText.escape(finding.text())));
            if (!finding.fix().isEmpty()) {
                text.append(String.format(Locale.ROOT, form, "", "", "fix: " + TerminalText.escape(finding.fix())));
            }
        }
        return text.append('\n').append(summary()).append('\n').toString();
    }

    private String summary() {
        return switch (verdict()) {
            case OK -> "gpu-agent works here.";
            case LIMITED -> "gpu-agent works here, with limits.";
            case BROKEN -> "gpu-agent cannot attribute GPU use to workloads here.";
        };
    }

    /** One line of JSON, with its line feed. */
    String json() {
        try {
            return JSON.writeValueAsString(this) + "\n";
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
