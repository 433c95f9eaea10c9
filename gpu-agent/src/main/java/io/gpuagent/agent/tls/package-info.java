/** Certificates and private keys in PEM files, for servers and clients. */
@NullMarked
package io.gpuagent.agent.tls;

import org.jspecify.annotations.NullMarked;
