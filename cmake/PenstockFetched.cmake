# Libraries that installer/ fetches, because distributions do not have them, or have them too old.

# Where it puts them.
if(DEFINED ENV{XDG_CACHE_HOME})
  set(PENSTOCK_CACHE "$ENV{XDG_CACHE_HOME}/penstock")
else()
  set(PENSTOCK_CACHE "$ENV{HOME}/.cache/penstock")
endif()

# penstock_fetched(NAME LIBRARY HEADER VERSION TARGET): defines TARGET. Looks at NAME_ROOT (variable or environment), then at the
# folder of installer/LIBRARY, then at the system.
function(penstock_fetched name library header version target)
  if(NOT ${name}_ROOT)
    set(${name}_ROOT "$ENV{${name}_ROOT}")
  endif()
  set(hints "${${name}_ROOT}" "${PENSTOCK_CACHE}/lib${library}-${version}" "${PENSTOCK_CACHE}/${library}-${version}")
  find_path(${name}_INCLUDE_DIR ${header} HINTS ${hints} PATH_SUFFIXES include)
  find_library(${name}_LIBRARY ${library} HINTS ${hints} PATH_SUFFIXES lib)
  if(NOT ${name}_LIBRARY OR NOT ${name}_INCLUDE_DIR)
    message(FATAL_ERROR "lib${library} ${version} is missing: run installer/run --build-only, or set ${name}_ROOT to a folder with it and ${header}")
  endif()
  add_library(${target} UNKNOWN IMPORTED GLOBAL)
  set_target_properties(${target} PROPERTIES IMPORTED_LOCATION "${${name}_LIBRARY}")
  target_include_directories(${target} SYSTEM INTERFACE "${${name}_INCLUDE_DIR}")
endfunction()
