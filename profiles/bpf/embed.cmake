# Writes the bytes of OBJECT as the C++ source OUTPUT (profiles/bpf/decap_program.h).
file(READ ${OBJECT} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," numbers "${hex}")
string(REGEX REPLACE "((0x..,){24})" "\\1\n" numbers "${numbers}")
file(WRITE ${OUTPUT} "#include \"profiles/bpf/decap_program.h\"
namespace lvs::bpf {
namespace {
alignas(8) constexpr std::uint8_t kBytes[] = {
${numbers}};
}  // namespace
std::span<const std::uint8_t> decap_program() { return kBytes; }
}  // namespace lvs::bpf
")
