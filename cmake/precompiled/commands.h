// The same for penstockctl.
#pragma once

#include "calls.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
