package io.gpuagent.nvml;

import io.gpuagent.device.BackendUnavailableException;
import io.gpuagent.device.BackendUnavailableException.Reason;
import io.gpuagent.device.CallFault;
import io.gpuagent.device.Gpu;
import io.gpuagent.device.GpuDetail;
import io.gpuagent.device.GpuIdentity;
import io.gpuagent.device.GpuUnavailableException;
import io.gpuagent.device.Inventory;
import io.gpuagent.device.MetricSelection;
import io.gpuagent.device.ReturnCode;
import io.gpuagent.nvml.binding.DetailTable;
import io.gpuagent.nvml.binding.DeviceFunctions;
import io.gpuagent.nvml.binding.NativeMemory;
import io.gpuagent.nvml.binding.Nvml;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The devices of the node by index, as the last enumeration found them. For the enumerating thread only. */
final class DeviceList {

    private final MetricSelection selection;
    private final NativeMemory answer = new NativeMemory(DeviceFunctions.TEXT_SIZE);

    /** The GPUs that were opened in the session, by handle: while one is the same it stays the same object, which a call may hang in. */
    private final Map<Long, NvmlGpu> opened = new HashMap<>();

    /** The cards that could not be opened, by index. */
    private final Map<Integer, Absence> absent = new HashMap<>();

    private @Nullable Session session;

    /** Who was last seen at an index, so that a card keeps its name when it is lost. */
    private final Map<Integer, GpuIdentity> lastKnown = new HashMap<>();

    private record Absence(LostGpu gpu, int failures, int skips) {

        private static final int MOST_SKIPS = 9;

        static Absence of(LostGpu gpu, int failures) {
            return new Absence(gpu, failures, Math.min(MOST_SKIPS, (1 << Math.min(failures - 1, 4)) - 1));
        }

        Absence skipped() {
            return new Absence(gpu, failures, skips - 1);
        }
    }

    DeviceList(MetricSelection selection) {
        this.selection = selection;
    }

    /** One card that cannot be opened does not hide the others: it is listed, and reading it tells why. */
    Inventory read(Session session) throws SessionEndedException, BackendUnavailableException {
        if (session != this.session) {
            this.session = session;
            absent.clear();
            opened.clear();
        }
        int count = count(session);
        List<Gpu> gpus = new ArrayList<>();
        Set<String> uuids = new HashSet<>();
        for (int index = 0; index < count; index++) {
            Gpu gpu = at(index, session);
            gpus.add(gpu);
            if (gpu instanceof NvmlGpu) {
                uuids.add(gpu.identity().uuid());
                lastKnown.put(index, gpu.identity());
            }
        }
        gpus.replaceAll(gpu -> gpu instanceof LostGpu lost ? named(lost, uuids) : gpu);
        return new Inventory(session.driverVersion, gpus);
    }

    private int count(Session session) throws SessionEndedException, BackendUnavailableException {
        int code = session.nvml.deviceCount(answer);
        if (code != ReturnCode.SUCCESS) {
            CallFault fault = new CallFault(Nvml.COUNT, ReturnCode.name(code));
            failIfEnded(fault);
            throw new BackendUnavailableException(Reason.FAILED, fault.toString());
        }
        return answer.int32(0);
    }

    /** A card that could not be opened is tried again after 1, 2, 4 … 10 enumerations: opening a lost card can be slow. */
    private Gpu at(int index, Session session) throws SessionEndedException {
        Absence before = absent.get(index);
        if (before != null && before.skips() > 0) {
            absent.put(index, before.skipped());
            return before.gpu();
        }
        Gpu gpu = tried(index, session);
        if (gpu instanceof LostGpu lost) {
            absent.put(index, Absence.of(lost, before == null ? 1 : before.failures() + 1));
        } else {
            absent.remove(index);
        }
        return gpu;
    }

    private Gpu tried(int index, Session session) throws SessionEndedException {
        try {
            DeviceCalls calls = DeviceCalls.open(session, index);
            String uuid = calls.text(DeviceFunctions.UUID, answer);
            NvmlGpu gpu = opened.get(calls.handle.address());
            if (gpu == null || !gpu.identity().uuid().equals(uuid)) {
                gpu = new NvmlGpu(unknown(index), calls, selection);
                opened.put(calls.handle.address(), gpu);
            }
            gpu.identify(identity(index, uuid, gpu.identity(), calls));
            return gpu;
        } catch (GpuUnavailableException e) {
            failIfEnded(e.fault());
            return new LostGpu(unknown(index), e.fault());
        }
    }

    /** A name that could not be told before is asked for again; details are asked for once. */
    private GpuIdentity identity(int index, String uuid, GpuIdentity known, DeviceCalls calls)
            throws GpuUnavailableException {
        String model = known.model();
        String busId = known.pciBusId();
        return new GpuIdentity(
                index,
                uuid,
                model.isEmpty() ? calls.textOrEmpty(DeviceFunctions.NAME, 0, DeviceFunctions.TEXT_SIZE, answer) : model,
                busId.isEmpty() ? calls.textOrEmpty(DeviceFunctions.PCI_INFO, 36, 32, answer) : busId,
                known.uuid().isEmpty() ? details(calls) : known.details());
    }

    private Map<GpuDetail, String> details(DeviceCalls calls) throws GpuUnavailableException {
        Map<GpuDetail, String> details = new EnumMap<>(GpuDetail.class);
        for (DetailTable.Row row : DetailTable.ROWS) {
            answer.fill((byte) 0);
            if (calls.call(row.function(), answer) == ReturnCode.SUCCESS) {
                details.put(row.detail(), row.text().apply(answer));
            }
        }
        details.values().removeIf(String::isEmpty);
        return details;
    }

    /** With its last identity, unless that card is now elsewhere: the order may change when the driver is loaded anew. */
    private LostGpu named(LostGpu lost, Set<String> uuidsElsewhere) {
        GpuIdentity last = lastKnown.get(lost.identity().index());
        return last == null || uuidsElsewhere.contains(last.uuid()) ? lost : new LostGpu(last, lost.fault());
    }

    private static GpuIdentity unknown(int index) {
        return new GpuIdentity(index, "", "", "");
    }

    private static void failIfEnded(CallFault fault) throws SessionEndedException {
        if (ReturnCode.endsSession(fault)) {
            throw new SessionEndedException(fault);
        }
    }
}
