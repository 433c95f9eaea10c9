package io.gpuagent.agent.cli;

import static io.gpuagent.agent.cli.InvocationTest.invoke;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReportSettingsTest {

    @ParameterizedTest
    @CsvSource({
        "--last=7w,--last: '7w' is neither month nor a duration such as 7d or 12h",
        "--from=2026-13-01,--from: '2026-13-01' is not a time such as 2026-10-01 or 2026-10-01T12:00",
        "--to=2026-10-01,--to: '2026-10-01' requires --from",
        "--from=2199-01-01,--from: '2199-01-01' results in an empty time range",
        "--time-zone=Mars,--time-zone: 'Mars' is not a time zone such as UTC or Europe/Berlin",
        "--prometheus.url=ftp://a,--prometheus.url: 'ftp://a' is not an http or https URL",
        "--price=gpu=2,'--price: ''gpu=2'' is not a list of NAME=NUMBER, where NAME is gpu-hour, gib-hour or kwh'",
        "--price=kwh=x,'--price: ''kwh=x'' is not a list of NAME=NUMBER, where NAME is gpu-hour, gib-hour or kwh'",
        "--filter=pod,--filter: 'pod' is not a list of NAME=VALUE"
    })
    void anInvalidReportSettingIsRefused(String flag, String line) {
        Invocation invocation = invoke("report", flag);
        assertEquals("gpu-agent: " + line, ((Invocation.RejectUsage) invocation).line());
    }

    @Test
    void monthsBeginInTheTimeZone() {
        Invocation.RunReport month = (Invocation.RunReport) invoke("report", "--time-zone=Asia/Kathmandu");
        ReportSettings.Range range = month.report().range();
        assertEquals(1, range.from().atZone(range.zone()).getDayOfMonth());
        assertEquals(0, range.from().atZone(range.zone()).getHour());
        assertEquals(range.to(), range.from().atZone(range.zone()).plusMonths(1).toInstant());
    }

    /** Checks a day without midnight: in Paraguay, daylight saving time began on the first of October. */
    @Test
    void aMonthBeginsAtMidnightEvenIfTheNextOneDoesNot() {
        ZoneId zone = ZoneId.of("America/Asuncion");
        ReportSettings.Range range = ReportSettingsReader.last("month", Instant.parse("2023-10-15T12:00:00Z"), zone);
        assertEquals(LocalDateTime.parse("2023-09-01T00:00"), LocalDateTime.ofInstant(range.from(), zone));
        assertEquals(LocalDateTime.parse("2023-10-01T01:00"), LocalDateTime.ofInstant(range.to(), zone));
    }
}
