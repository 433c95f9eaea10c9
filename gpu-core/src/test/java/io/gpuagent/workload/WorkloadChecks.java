package io.gpuagent.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Checks the format of any workload that the rules return. The patterns are independent of those of the rules, which
 * would agree with their own mistakes.
 */
final class WorkloadChecks {

    private static final String HEX_64 = "[0-9a-f]{64}";
    private static final String UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

    private static final Map<String, Pattern> IDS = Map.of(
            "", Pattern.compile(HEX_64 + "|" + UUID),
            "docker", Pattern.compile(HEX_64 + "|[0-9a-z]{25}"),
            "containerd", Pattern.compile(HEX_64),
            "cri-o", Pattern.compile(HEX_64),
            "podman", Pattern.compile(HEX_64),
            "ecs", Pattern.compile(HEX_64 + "|[0-9a-f]{32}-[0-9]+"),
            "garden", Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){4}|" + UUID),
            "nomad", Pattern.compile(UUID + "(\\..+)?", Pattern.DOTALL),
            "nspawn", Pattern.compile(".+", Pattern.DOTALL));

    private static final Pattern POD_UID = Pattern.compile(UUID + "|[0-9a-f]{32}");
    private static final Pattern QOS = Pattern.compile("guaranteed|burstable|besteffort");
    private static final Pattern JOB =
            Pattern.compile("[0-9]+|s[0-9A-Z]{13}|slot[0-9]+(?:_[0-9]+)?(?:@.+)?", Pattern.DOTALL);
    private static final Pattern UNIT =
            Pattern.compile("[0-9A-Za-z:_.\\\\@-]*[0-9A-Za-z:_.\\\\-]\\.(service|scope|mount|socket|swap)");

    private WorkloadChecks() {}

    static void check(Workload workload) {
        if (workload instanceof Workload.Container c) {
            Pattern pattern = IDS.get(c.runtime() == null ? "" : c.runtime().label());
            assertTrue(pattern != null && pattern.matcher(c.id()).matches(), c::toString);
            checkPod(c.podUid(), c.qos());
        } else if (workload instanceof Workload.Pod pod) {
            assertTrue(POD_UID.matcher(pod.uid()).matches(), pod::toString);
            checkPod(pod.uid(), pod.qos());
        } else if (workload instanceof Workload.Unit unit) {
            assertTrue(UNIT.matcher(unit.name()).matches() && unit.name().length() <= 255, unit::toString);
            assertTrue(unit.userId() == null || unit.userId().matches("[0-9]+"), unit::toString);
        } else if (workload instanceof Workload.Job job) {
            assertTrue(JOB.matcher(job.id()).matches(), job::toString);
        } else if (workload instanceof Workload.Lxc lxc) {
            assertFalse(
                    lxc.name().isEmpty()
                            || lxc.name().length() > 255
                            || lxc.name().contains("/"),
                    lxc::toString);
        } else {
            fail("no rule returns a " + workload);
        }
    }

    private static void checkPod(@Nullable String uid, @Nullable String qos) {
        if (uid == null) {
            assertNull(qos, "a quality of service class outside a pod");
        } else {
            assertTrue(POD_UID.matcher(uid).matches(), uid);
            assertTrue(qos == null || QOS.matcher(qos).matches(), qos);
        }
    }

    /**
     * Fails unless the workload's id or name occurs in the text it was parsed from; a 64-digit id must not be part of a
     * longer one.
     */
    static void checkOccursIn(String text, Workload workload) {
        String id = id(workload);
        assertEquals(-1, id.indexOf('\n'), id);
        assertEquals(-1, id.indexOf('/'), id);
        String boundary = id.matches(HEX_64) ? "[0-9a-f]" : "(?!)";
        Pattern word = Pattern.compile("(?<!" + boundary + ")" + Pattern.quote(id) + "(?!" + boundary + ")");
        assertTrue(
                word.matcher(text).find()
                        || word.matcher(text.replace("\\x2d", "-")).find(),
                () -> id + " is not in " + text);
    }

    private static String id(Workload workload) {
        if (workload instanceof Workload.Container container) {
            return container.id();
        }
        if (workload instanceof Workload.Lxc lxc) {
            return lxc.name();
        }
        if (workload instanceof Workload.Pod pod) {
            return "";
        }
        return workload instanceof Workload.Unit unit ? unit.name() : ((Workload.Job) workload).id();
    }
}
