# SPDX-License-Identifier: GPL-3.0-or-later
# The application: everything but main() is a library, so that tests use what users run.
add_library(app_parts STATIC
  actions.cpp cellspanel.cpp costtext.cpp datapanel.cpp demosession.cpp editcommand.cpp editspanel.cpp evaluatepanel.cpp exportdialog.cpp
  exporter.cpp figures.cpp fitpanel.cpp fitpanelstate.cpp genematchdialog.cpp genomelink.cpp history.cpp inspector.cpp jobsdock.cpp jobsmodel.cpp locusbox.cpp
  mainwindow.cpp mainwindowfiles.cpp provenanceof.cpp render.cpp startpage.cpp theme.cpp
  verifydialog.cpp)
set_target_properties(app_parts PROPERTIES AUTOMOC ON)
target_include_directories(app_parts PUBLIC "${CMAKE_CURRENT_SOURCE_DIR}")
target_link_libraries(app_parts PUBLIC session widgets)
target_compile_definitions(app_parts PRIVATE CELLOCUS_BUILD_DEMO="${CMAKE_BINARY_DIR}/demo")

add_executable(cellocus main.cpp)
target_link_libraries(cellocus PRIVATE app_parts)
qt6_add_translations(cellocus TS_FILES "${CMAKE_SOURCE_DIR}/translations/cellocus_en.ts"
                     SOURCES main.cpp RESOURCE_PREFIX /i18n)
install(TARGETS cellocus)
