package io.gpuagent.workload;

import io.gpuagent.cgroup.KernelPath;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the batch job on a path created by Slurm or HTCondor. Such a path is accepted from the root only: any user can
 * create the same names in a delegated subtree, but only root can create cgroups below {@code /system.slice}.
 */
final class JobPath {

    private static final Pattern V2_SCOPE = Pattern.compile("(?:.+_)?slurmstepd\\.scope", Pattern.DOTALL);

    /**
     * Since Slurm 26.05 the directory is named by the SLUID, an s and 13 base-32 digits, unless {@code
     * CgroupJobIdPaths=yes} is set in cgroup.conf.
     */
    private static final Pattern V2_JOB = Pattern.compile("job_([0-9]+)|(s[0-9A-Z]{13})");

    private static final Pattern V1_ROOT = Pattern.compile("slurm(?:_.+)?", Pattern.DOTALL);
    private static final Pattern V1_USER = Pattern.compile("uid_[0-9]+");
    private static final Pattern V1_JOB = Pattern.compile("job_([0-9]+)");

    /**
     * HTCondor's starter creates {@code condor_<execute directory>_<slot>}, with underscores for slashes, below its
     * BASE_CGROUP (HTCondor manual, "Cgroup Based Process Tracking"). The name does not contain the job number.
     */
    private static final Pattern CONDOR_SLOT =
            Pattern.compile("condor_.*_(slot[0-9]+(?:_[0-9]+)?(?:@.+)?)", Pattern.DOTALL);

    private JobPath() {}

    static Optional<Workload> owner(KernelPath path) {
        if (path.name(0).equals("system.slice") && matches(V2_SCOPE, path.name(1))) {
            return job(V2_JOB.matcher(path.name(2)));
        }
        int condor = path.name(0).equals("system.slice") ? 1 : 0;
        if (path.name(condor).equals("htcondor")) {
            Matcher slot = CONDOR_SLOT.matcher(path.name(condor + 1));
            return slot.matches() ? Optional.of(new Workload.Job(slot.group(1))) : Optional.empty();
        }
        return matches(V1_ROOT, path.name(0)) && matches(V1_USER, path.name(1))
                ? job(V1_JOB.matcher(path.name(2)))
                : Optional.empty();
    }

    private static boolean matches(Pattern pattern, String name) {
        return pattern.matcher(name).matches();
    }

    private static Optional<Workload> job(Matcher name) {
        if (!name.matches()) {
            return Optional.empty();
        }
        String id = name.group(1);
        return Optional.of(new Workload.Job(id != null ? id : name.group(2)));
    }
}
