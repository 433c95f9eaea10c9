package io.gpuagent.process;

/** How users are shown. */
public enum UserLabel {
    /** The login name, or the uid where there is none. */
    NAME,
    /** The uid. */
    UID,
    /** Not at all. */
    OFF
}
