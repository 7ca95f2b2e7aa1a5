# `cpack` in the build directory makes banter_VERSION_ARCH.deb: binary, unit, settings, man page.
# Its libraries are found by dpkg-shlibdeps. tools/package.sh does it all.
include(GNUInstallDirs)
set(debian ${PROJECT_SOURCE_DIR}/deploy/debian)
set(packed ${PROJECT_BINARY_DIR}/package)
file(MAKE_DIRECTORY ${packed})
find_program(GZIP gzip REQUIRED)
# As Debian's policy wants them: compressed, without a time in them.
foreach(pair "banter.1;banter.1.gz" "changelog;changelog.Debian.gz")
  list(GET pair 0 from)
  list(GET pair 1 to)
  set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND
               PROPERTY CMAKE_CONFIGURE_DEPENDS ${debian}/${from})
  execute_process(COMMAND ${GZIP} -9nc ${debian}/${from} OUTPUT_FILE ${packed}/${to}
                  COMMAND_ERROR_IS_FATAL ANY)
endforeach()

install(TARGETS banter RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${PROJECT_SOURCE_DIR}/deploy/systemd/banter.service DESTINATION /lib/systemd/system)
install(FILES ${debian}/banter.toml DESTINATION /etc/banter)
install(FILES ${packed}/banter.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${packed}/changelog.Debian.gz ${debian}/copyright
        DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/banter)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PACKAGE_NAME banter)
set(CPACK_PACKAGE_CONTACT "The Banter authors <banter@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "chat server whose acknowledged messages are never lost")
string(JOIN "\n" CPACK_PACKAGE_DESCRIPTION
       "Accounts, conversations, and messages over HTTP and WebSocket, in one binary."
       "Acknowledged means stored, exactly once, in one order, with gapless resume."
       "Embedded SQLite by default; PostgreSQL and Redis for several nodes.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS adduser)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    ${debian}/postinst ${debian}/prerm ${debian}/postrm ${debian}/conffiles)
include(CPack)
