#!/bin/sh
# Builds artefacts/eigen.wasm: Eigen's product as WebAssembly SIMD, by Debian's clang.
#   apt-get install --no-install-recommends clang-19 lld-19 libc++-19-dev-wasm32 libclang-rt-19-dev-wasm32 wasi-libc \
#     libeigen3-dev libsimde-dev
# CXX and EIGEN override the compiler and Eigen's folder, EIGEN_FLAGS adds to the command.
#   -fgnuc-version=5.99: between the two compiler versions for which Eigen 3.4 writes x86 assembly, which wasm has not
#   ...REGISTERS=16:     Eigen's x86-64 tile; its 32-bit default of 8 halves f32 at n = 512 on Node 20
#   stack-size:          Eigen packs blocks of up to 128 KiB on the stack, and wasm-ld gives 64 KiB
set -eu
cd "$(dirname "$0")"
mkdir -p artefacts
"${CXX:-clang++-19}" --target=wasm32-wasi -mexec-model=reactor -std=c++17 -O3 -DNDEBUG -fno-exceptions -fno-rtti \
  -msimd128 -D__SSE__ -D__SSE2__ -fgnuc-version=5.99 -DEIGEN_ARCH_DEFAULT_NUMBER_OF_REGISTERS=16 ${EIGEN_FLAGS:-} \
  -Ieigen/sse -isystem "${EIGEN:-/usr/include/eigen3}" -Wl,--strip-all,-z,stack-size=1048576 eigen/gemm.cpp -o artefacts/eigen.wasm
ls -l artefacts/eigen.wasm
