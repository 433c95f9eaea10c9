package io.gpuagent.agent.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.testing.Command;
import io.gpuagent.testing.Requirement;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.LongUnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The HTML report in a real browser. */
class ReportPageIT {

    private static final List<String> HOSTILE = List.of(
            "<img src=x onerror=\"document.title='owned'\">",
            "</title></svg></script><script>document.title='owned'</script>",
            "\"><b id=owned>",
            "/*script*/ <!--body--> $1 &lt;",
            "[a](javascript:alert(1)) | x",
            "see https://evil.example and www.evil.example",
            "=1;=2");

    @TempDir
    private Path directory;

    private Path page;

    @BeforeEach
    void write() throws IOException {
        Requirement.require(Requirement.CHROMIUM);
        page = Files.writeString(directory.resolve("page.html"), HtmlFormat.html(hostile()));
    }

    private static Report hostile() {
        BigDecimal one = new BigDecimal("1.0000");
        Report.Figures figures = new Report.Figures(one, one, one, one, one, one, null, one);
        List<Report.Line> lines = new ArrayList<>();
        HOSTILE.forEach(name -> lines.add(new Report.Line(List.of(name), figures)));
        List<Report.Band> bands = HOSTILE.stream()
                .map(name -> new Report.Band(name, new double[] {1e9, 2e9}))
                .toList();
        List<Report.Device> devices = HOSTILE.stream()
                .map(name -> new Report.Device(name, name, name, name, one, one, one, one, one, one, one, one, one))
                .toList();
        return new Report(
                "2026-10-01T00:00:00Z",
                "2026-10-01T00:10:00Z",
                "UTC",
                300,
                "memory",
                List.of("workload"),
                "<i>EUR</i>",
                lines,
                figures,
                devices,
                devices,
                List.of(new Report.Coverage(HOSTILE.get(0), one, List.of())),
                List.of(new Report.Requested(HOSTILE.get(0), one, one)),
                HOSTILE,
                new Report.Charts(new Slice(1_790_812_800_000L, 1_790_813_400_000L), bands, bands));
    }

    private String browser(String... flags) {
        List<String> command = new ArrayList<>(List.of(
                "timeout",
                "100",
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--user-data-dir=" + directory.resolve("profile")));
        command.addAll(List.of(flags));
        command.add(page.toUri().toString());
        Command.Result result = Command.of(command);
        assertEquals(0, result.status(), result.output());
        return result.output();
    }

    @Test
    void hostileNamesAreInert() {
        String dom = browser("--dump-dom");
        assertTrue(dom.contains("<title>GPU use</title>"), dom);
        assertFalse(dom.contains("<img") || dom.contains("id=\"owned\"") || dom.contains("<i>EUR"), dom);
        assertTrue(dom.contains("&lt;img src=x onerror="), dom);
        // The script makes headings focusable, so this shows that it has run.
        assertTrue(dom.contains("tabindex=\"0\""), dom);
    }

    @Test
    void theReportPrintsToPdfAndRendersToAnImage() throws IOException {
        Path pdf = directory.resolve("page.pdf");
        browser("--print-to-pdf=" + pdf);
        assertTrue(new String(Files.readAllBytes(pdf), StandardCharsets.ISO_8859_1).startsWith("%PDF"));
        Path image = directory.resolve("page.png");
        browser("--window-size=1280,2000", "--screenshot=" + image);
        assertTrue(Files.size(image) > 20_000);
    }

    @Test
    void markdownRendersNoHostileMarkup() {
        String markdown = TextFormats.markdown(hostile());
        assertFalse(markdown.matches("(?s).*([^\\\\](<img|\\[a|://)|www\\.).*"), markdown);
    }

    @Test
    void spreadsheetsSeeNoFormula() {
        String csv = TextFormats.csv(hostile());
        assertTrue(csv.contains("\n\"'=1;=2\","), csv);
    }

    @Test
    void ticksAreRoundTimesInTheTimeZone() {
        ZoneId berlin = ZoneId.of("Europe/Berlin");
        LongFunction<LocalDateTime> october =
                day -> LocalDate.of(2026, 10, 1).plusDays(day).atStartOfDay();
        LongUnaryOperator millis =
                day -> october.apply(day).atZone(berlin).toInstant().toEpochMilli();
        assertEquals(
                LongStream.of(0, 7, 14, 21, 28).mapToObj(october).toList(),
                ReportCharts.ticks(new Slice(millis.applyAsLong(0), millis.applyAsLong(31)), berlin));
        // Daylight saving time ends on the 25th.
        assertEquals(
                LongStream.of(24, 25, 26).mapToObj(october).toList(),
                ReportCharts.ticks(new Slice(millis.applyAsLong(24), millis.applyAsLong(26)), berlin).stream()
                        .filter(time -> time.getHour() == 0)
                        .toList());
    }

    @Test
    void theLastColumnOfAMonthEndsWithTheMonth() {
        Slice month = new Slice(0, 31 * 86_400_000L);
        assertEquals(month.to(), month.columnBegin(month.columns()));
        assertTrue(month.columnBegin(month.columns() - 1) < month.to());
    }
}
