#include "director/core/ftp/text.h"

#include <algorithm>

#include "net/wire/bytes.h"

namespace lvs::director {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Reads from the front of a text, and stays where it is when that is not there.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::size_t position() const { return at_; }
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  /// Without regard to case; `word` is in lower case.
  bool take_word(std::string_view word) {
    if (text_.size() - at_ < word.size()) return false;
    if (!std::ranges::equal(text_.substr(at_, word.size()), word, {}, lower)) return false;
    at_ += word.size();
    return true;
  }
  void skip_spaces() {
    while (take(' ')) {
    }
  }
  /// Up to the next `c`, which is left. False: there is none.
  bool skip_to(char c) {
    const std::size_t found = text_.find(c, at_);
    if (found == std::string_view::npos) return false;
    at_ = found;
    return true;
  }
  bool skip_to_digit() {
    while (at_ < text_.size() && !is_digit(text_[at_])) ++at_;
    return at_ < text_.size();
  }
  /// One to five digits.
  std::optional<unsigned> take_number(unsigned greatest) {
    constexpr std::size_t most_digits = 5;
    unsigned number = 0;
    std::size_t digits = 0;
    for (; digits <= most_digits && at_ + digits < text_.size(); ++digits) {
      const char c = text_[at_ + digits];
      if (!is_digit(c)) break;
      number = number * 10 + static_cast<unsigned>(c - '0');
    }
    if (digits == 0 || digits > most_digits || number > greatest) return std::nullopt;
    at_ += digits;
    return number;
  }
  /// Up to the next `c`, which is taken too.
  std::optional<std::string_view> take_until(char c) {
    const std::size_t from = at_;
    if (!skip_to(c)) return std::nullopt;
    return text_.substr(from, at_++ - from);
  }
  /// RFC 2428: any printable character of ASCII but no digit; it parts the fields.
  std::optional<char> take_delimiter() {
    if (at_ >= text_.size()) return std::nullopt;
    const char c = text_[at_];
    if (c < 33 || c > 126 || is_digit(c)) return std::nullopt;
    ++at_;
    return c;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

/// "10,0,0,11,156,64" (RFC 959, 4.1.2).
std::optional<FtpAnnouncement> take_six_numbers(Reader& reader) {
  const std::size_t begin = reader.position();
  std::array<std::uint8_t, 6> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i != 0 && !reader.take(',')) return std::nullopt;
    const std::optional<unsigned> number = reader.take_number(255);
    if (!number) return std::nullopt;
    numbers[i] = static_cast<std::uint8_t>(*number);
  }
  const Port port{wire::load_be16(numbers, 4)};
  if (port == Port{}) return std::nullopt;
  const std::size_t end = reader.position();
  return FtpAnnouncement{Ipv4Addr{numbers[0], numbers[1], numbers[2], numbers[3]}, port, begin,
                         end - begin, end + 1};
}

std::optional<Ipv4Addr> parse_dotted(std::string_view text) {
  Reader reader(text);
  std::uint32_t address = 0;
  for (int i = 0; i < 4; ++i) {
    if (i != 0 && !reader.take('.')) return std::nullopt;
    const std::optional<unsigned> octet = reader.take_number(255);
    if (!octet) return std::nullopt;
    address = address << 8 | *octet;
  }
  if (reader.position() != text.size()) return std::nullopt;
  return Ipv4Addr{address};
}

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// Groups of hexadecimal digits between colons into `octets`, the last perhaps dotted (RFC 4291,
/// 2.2). The number of octets written.
std::optional<std::size_t> parse_groups(std::string_view text,
                                        std::array<std::uint8_t, 16>& octets) {
  std::size_t written = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(':'), text.size());
    const std::string_view group = text.substr(0, end);
    const bool is_last = end == text.size();
    if (const auto dotted = is_last ? parse_dotted(group) : std::nullopt; dotted && written <= 12) {
      wire::store_be32(octets, written, dotted->number());
      return written + 4;
    }
    if (group.empty() || group.size() > 4 || written > 14) return std::nullopt;
    unsigned number = 0;
    for (const char c : group) {
      if (hex_digit(c) < 0) return std::nullopt;
      number = number << 4 | static_cast<unsigned>(hex_digit(c));
    }
    wire::store_be16(octets, written, static_cast<std::uint16_t>(number));
    written += 2;
    if (is_last) break;
    text.remove_prefix(end + 1);
    if (text.empty()) return std::nullopt;  // a colon with nothing behind it
  }
  return written;
}

/// What parse_ipv6() takes, without allocation.
std::optional<Ipv6Addr> parse_colons(std::string_view text) {
  const std::size_t gap = text.find("::");
  std::array<std::uint8_t, 16> front{};
  const auto before = parse_groups(text.substr(0, gap), front);
  if (!before) return std::nullopt;
  if (gap == std::string_view::npos) {
    if (*before != front.size()) return std::nullopt;
    return Ipv6Addr{front};
  }
  std::array<std::uint8_t, 16> back{};
  const auto after = parse_groups(text.substr(gap + 2), back);
  if (!after || *before + *after >= front.size()) return std::nullopt;
  for (std::size_t i = 0; i < *after; ++i) front[front.size() - *after + i] = back[i];
  return Ipv6Addr{front};
}

/// "|1|132.235.1.2|6275|" or "|2|1080::8:800:200C:417A|5282|" (RFC 2428, 2).
std::optional<FtpAnnouncement> take_extended(Reader& reader) {
  const std::size_t begin = reader.position();
  const auto delimiter = reader.take_delimiter();
  if (!delimiter) return std::nullopt;
  const auto family = reader.take_number(2);
  if (!family || !reader.take(*delimiter)) return std::nullopt;
  const auto text = reader.take_until(*delimiter);
  if (!text) return std::nullopt;
  const auto port = reader.take_number(65535);
  if (!port || *port == 0 || !reader.take(*delimiter)) return std::nullopt;

  const std::size_t end = reader.position();
  FtpAnnouncement found{{}, Port{static_cast<std::uint16_t>(*port)}, begin, end - begin, end};
  if (*family == 1) {
    if (const auto v4 = parse_dotted(*text)) found.address = *v4;
  } else if (*family == 2) {
    if (const auto v6 = parse_colons(*text)) found.address = *v6;
  }
  if (!found.address) return std::nullopt;
  return found;
}

/// "(|||6446|)" (RFC 2428, 3).
std::optional<FtpAnnouncement> take_extended_port(Reader& reader) {
  if (!reader.skip_to('(') || !reader.take('(')) return std::nullopt;
  const auto delimiter = reader.take_delimiter();
  if (!delimiter || !reader.take(*delimiter) || !reader.take(*delimiter)) return std::nullopt;
  const std::size_t begin = reader.position();
  const auto port = reader.take_number(65535);
  const std::size_t length = reader.position() - begin;
  if (!port || *port == 0 || !reader.take(*delimiter) || !reader.take(')')) return std::nullopt;
  return FtpAnnouncement{
      {}, Port{static_cast<std::uint16_t>(*port)}, begin, length, reader.position()};
}

void append_number(FtpText& text, unsigned number) {
  std::array<char, 5> digits{};
  std::size_t count = 0;
  do {
    digits[count++] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  while (count > 0) text.bytes[text.length++] = digits[--count];
}

}  // namespace

std::optional<FtpAnnouncement> parse_ftp_command(std::string_view line) {
  Reader reader(line);
  if (reader.take_word("port ")) {
    reader.skip_spaces();
    return take_six_numbers(reader);
  }
  if (!reader.take_word("eprt ")) return std::nullopt;
  reader.skip_spaces();
  return take_extended(reader);
}

std::optional<FtpAnnouncement> parse_ftp_answer(std::string_view line) {
  Reader reader(line);
  if (reader.take_word("229 ")) return take_extended_port(reader);
  if (!reader.take_word("227 ") || !reader.skip_to_digit()) return std::nullopt;
  return take_six_numbers(reader);
}

FtpText write_ftp_endpoint(Ipv4Addr address, Port port) {
  FtpText text;
  for (const unsigned shift : {24u, 16u, 8u, 0u}) {
    append_number(text, address.number() >> shift & 0xff);
    text.bytes[text.length++] = ',';
  }
  append_number(text, port.number >> 8);
  text.bytes[text.length++] = ',';
  append_number(text, port.number & 0xff);
  return text;
}

FtpText write_ftp_port(Port port) {
  FtpText text;
  append_number(text, port.number);
  return text;
}

}  // namespace lvs::director
