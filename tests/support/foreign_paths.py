"""Paths that are asked for at the class's page, and have to lead nowhere."""

FOREIGN_PATHS = [
    "/static/../app.py",
    "/static/%2e%2e/app.py",
    "/static/..%2fapp.py",
    "/static//etc/passwd",
    "/static/../../../../etc/shadow",
    "//etc/passwd",
    "/../../etc/passwd/",
    "/api/picture/../../etc/passwd",
    "/student2/",
    "/api/student2/check",
    "/api/assignment/student2",
]
