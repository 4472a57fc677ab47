#pragma once

#include <string>

namespace penstock {

// "anna@laptop": who acts from this process, as the audit log shows it.
std::string who_am_i();

}  // namespace penstock
