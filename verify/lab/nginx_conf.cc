#include "verify/lab/nginx_conf.h"

#include <algorithm>

namespace lvs::verify {
namespace {

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out + "\"";
}

bool has_ipv6(const LabHost& host) {
  return std::any_of(host.nics.begin(), host.nics.end(), [](const LabNic& nic) {
    return std::any_of(nic.addresses.begin(), nic.addresses.end(),
                       [](const Prefix& address) { return !address.addr.is_v4(); });
  });
}

std::string listen_lines(const LabHost& host) {
  std::string lines;
  for (const Port port : host.http_ports) {
    lines += "    listen 0.0.0.0:" + std::to_string(port.number) + ";\n";
    if (has_ipv6(host))
      lines += "    listen [::]:" + std::to_string(port.number) + " ipv6only=on;\n";
  }
  return lines;
}

std::string temp_paths(const std::string& folder) {
  std::string lines;
  for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
    lines += "  " + std::string{kind} + "_temp_path " + quoted(folder + "/tmp-" + kind) + ";\n";
  return lines;
}

}  // namespace

std::string nginx_conf(const LabHost& host, const NginxPaths& paths) {
  return "daemon off;\nmaster_process off;\nuser root root;\n"
         "pid " +
         quoted(paths.folder + "/nginx.pid") + ";\n" + "error_log " +
         quoted(paths.folder + "/nginx-error.log") + ";\n" +
         "events { worker_connections 4096; }\n"
         "http {\n"
         "  access_log off;\n"
         "  server_tokens off;\n"
         "  default_type text/plain;\n" +
         temp_paths(paths.folder) + "  server {\n" + listen_lines(host) +
         "    client_max_body_size 0;\n"
         "    add_header X-Served-By " +
         quoted(host.name) + " always;\n" + "    location = / { return 200 " +
         quoted(host.name + "\n") + "; }\n" + "    location = /big { alias " +
         quoted(paths.big_file) + "; }\n" + "    location = /upload { root " +
         quoted(paths.folder) + "; dav_methods PUT; }\n" + "    location / { return 200 " +
         quoted(host.name + "\n") + "; }\n" +
         "  }\n"
         "}\n";
}

}  // namespace lvs::verify
