package io.gpuagent.testing;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Keys and certificates that OpenSSL creates in a directory. */
public final class Certificates {

    private final Path directory;

    public Certificates(Path directory) {
        Requirement.require(Requirement.OPENSSL);
        this.directory = directory;
    }

    /**
     * The authority {@code ca} signs {@code server} and {@code client}; the authority {@code stranger} signs the
     * client certificate {@code foreign}.
     */
    public static Certificates ofTwoAuthorities(Path directory) {
        return new Certificates(directory)
                .authority("ca")
                .authority("stranger")
                .signed("ca", "server")
                .signed("ca", "client")
                .signed("stranger", "foreign");
    }

    /** Creates an authority as {@code NAME.pem} and {@code NAME.key}. */
    public Certificates authority(String name) {
        return make(name, "-subj", "/CN=" + name);
    }

    /** Creates a certificate for 127.0.0.1, signed by an authority, as {@code NAME.pem} and {@code NAME.key}. */
    public Certificates signed(String authority, String name) {
        return make(
                name,
                "-subj",
                "/CN=" + name,
                "-addext",
                "subjectAltName=IP:127.0.0.1",
                "-CA",
                file(authority + ".pem"),
                "-CAkey",
                file(authority + ".key"));
    }

    public String file(String name) {
        return directory.resolve(name).toString();
    }

    private Certificates make(String name, String... options) {
        List<String> command = new ArrayList<>(List.of(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2"));
        command.addAll(List.of("-out", file(name + ".pem"), "-keyout", file(name + ".key")));
        command.addAll(List.of(options));
        Command.run(command);
        return this;
    }
}
