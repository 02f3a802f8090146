/** @import { DType, Floats } from "./contract.mjs" */
// Just enough protobuf to write an ONNX model of one MatMul by hand. Field numbers are those of onnx.proto3.

/** @param {number} x */
function varint(x) {
  const bytes = [];
  for (; x >= 128; x = Math.floor(x / 128)) bytes.push((x % 128) + 128);
  return Uint8Array.from([...bytes, x]);
}

/** @param {number} number @param {number} x */
const int = (number, x) => Buffer.concat([varint(number * 8), varint(x)]);

/** @param {number} number @param {string | Uint8Array | Uint8Array[]} x  text, bytes, or the fields of a message */
function field(number, x) {
  const body = typeof x === "string" ? Buffer.from(x) : Array.isArray(x) ? Buffer.concat(x) : x;
  return Buffer.concat([varint(number * 8 + 2), varint(body.length), body]);
}

/**
 * @param {DType} dtype
 * @param {number} n
 * @param {Floats} a
 * @param {Floats} b
 * @returns {Uint8Array} a model without inputs whose output C is A B
 */
export function matmulModel(dtype, n, a, b) {
  const type = dtype === "f32" ? 1 : 11;
  /** @param {string} name @param {Floats} x */
  const initializer = (name, x) => {
    const raw = new Uint8Array(x.buffer, x.byteOffset, x.byteLength);
    return field(5, [int(1, n), int(1, n), int(2, type), field(8, name), field(9, raw)]);
  };
  const shape = field(2, [field(1, [int(1, n)]), field(1, [int(1, n)])]);
  const graph = [
    field(1, [field(1, "A"), field(1, "B"), field(2, "C"), field(4, "MatMul")]),
    field(2, "product"),
    initializer("A", a),
    initializer("B", b),
    field(12, [field(1, "C"), field(2, [field(1, [int(1, type), shape])])]),
  ];
  return Buffer.concat([int(1, 8), field(7, graph), field(8, [int(2, 13)])]);
}
