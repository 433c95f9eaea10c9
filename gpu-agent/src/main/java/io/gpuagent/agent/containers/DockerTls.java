package io.gpuagent.agent.containers;

import io.airlift.security.pem.PemReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStoreException;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Docker's client TLS: ca.pem, cert.pem and key.pem in a directory, read again for each connection. The key must not be encrypted. */
record DockerTls(Path directory) {

    SSLContext context() throws GeneralSecurityException, IOException {
        try {
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(PemReader.loadKeyStore(file("cert.pem"), file("key.pem"), Optional.empty()), new char[0]);
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(PemReader.loadTrustStore(file("ca.pem")));
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new KeyStoreException(directory + ": " + e.getMessage(), e);
        }
    }

    private File file(String name) {
        return directory.resolve(name).toFile();
    }
}
