package io.gpuagent.workload;

import io.gpuagent.cgroup.KernelPath;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The cgroup paths that batch systems give their jobs.
 *
 * @param names patterns of the names from the root down. The only group that matches is the job's id
 */
record BatchPath(List<Pattern> names) {

    /**
     * Slurm with cgroup v1 and v2, each also with several slurmds on a node. Since Slurm 26.05 the directory is named by
     * the SLUID, an s and 13 base-32 digits, unless {@code CgroupJobIdPaths=yes} is set in cgroup.conf. OpenPBS: {@code
     * cgroup_prefix} of its cgroups hook. TORQUE and Grid Engine: one directory below a fixed name. HTCondor's starter
     * creates {@code condor_<execute directory>_<slot>}, with underscores for slashes, below its BASE_CGROUP (HTCondor
     * manual, "Cgroup Based Process Tracking"); the name does not contain the job number.
     */
    private static final List<BatchPath> ALL = Stream.of(
                    "slurm(?:_.+)? / uid_[0-9]+ / job_([0-9]+)",
                    "system\\.slice / (?:.+_)?slurmstepd\\.scope / (?:job_([0-9]+)|(s[0-9A-Z]{13}))",
                    "(?:pbs_jobs|pbspro)(?:\\.service|\\.slice)? / (?:jobid|jobs) / ([0-9].*)",
                    "torque / ([0-9].*)",
                    "(?i:sge|uge|age|ocs) / ([0-9]+(?:\\.[0-9]+)?)",
                    "htcondor / condor_.*_(slot[0-9]+(?:_[0-9]+)?(?:@.+)?)",
                    "system\\.slice / htcondor / condor_.*_(slot[0-9]+(?:_[0-9]+)?(?:@.+)?)",
                    "system\\.slice / condor\\.service / condor_.*_(slot[0-9]+(?:_[0-9]+)?(?:@.+)?)")
            .map(BatchPath::parse)
            .toList();

    private static BatchPath parse(String form) {
        return new BatchPath(Stream.of(form.split(" / "))
                .map(name -> Pattern.compile(name, Pattern.DOTALL))
                .toList());
    }

    /** The id of the job whose cgroup is at an index; empty if there is none. */
    static Optional<String> job(KernelPath path, int root, int index) {
        // A plain loop: this runs for every name of every path.
        for (BatchPath form : ALL) {
            if (form.names.size() == index - root + 1) {
                Optional<String> job = form.match(path, root);
                if (job.isPresent()) {
                    return job;
                }
            }
        }
        return Optional.empty();
    }

    private Optional<String> match(KernelPath path, int root) {
        @Nullable String id = null;
        for (int i = 0; i < names.size(); i++) {
            Matcher name = names.get(i).matcher(path.name(root + i));
            if (!name.matches()) {
                return Optional.empty();
            }
            for (int group = 1; group <= name.groupCount(); group++) {
                id = name.group(group) == null ? id : name.group(group);
            }
        }
        return Optional.ofNullable(id);
    }
}
