"""The project; Django finds PyMySQL, which needs no compiler, under the name of its own driver."""

import pymysql

pymysql.install_as_MySQLdb()
