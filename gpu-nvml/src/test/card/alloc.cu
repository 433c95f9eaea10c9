// Allocates memory on the first GPU in steps of known size. After each step it prints the kind and the size of the allocation, and waits
// for a line of input.
#include <cstdio>
#include <cstdlib>
#include <cuda_runtime.h>

static void check(cudaError_t code) {
    if (code != cudaSuccess) {
        fprintf(stderr, "alloc: %s\n", cudaGetErrorString(code));
        exit(1);
    }
}

static void hold(const char *how, size_t mebibytes) {
    size_t bytes = mebibytes << 20;
    void *memory = nullptr;
    if (bytes) {
        check(*how == 'm' ? cudaMallocManaged(&memory, bytes) : cudaMalloc(&memory, bytes));
        check(cudaMemset(memory, 1, bytes));
        check(cudaDeviceSynchronize());
    }
    printf("%s %zu\n", how, bytes);
    fflush(stdout);
    char line[16];
    if (!fgets(line, sizeof line, stdin)) exit(0);
    check(cudaFree(memory));
}

int main() {
    check(cudaFree(nullptr)); // creates the CUDA context, which also uses memory
    hold("device", 0);
    hold("device", 256);
    hold("device", 1024);
    hold("device", 3072);
    hold("managed", 1024);
    hold("device", 512);
}
